package dev.pgseal.acme;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.issuing.ExternalAccount;
import dev.pgseal.issuing.ExternalRegistration.DnsWebhook;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An account with an ACME CA, as it is used and as it is kept.
 *
 * @param location its URL, which names it in every request ({@code kid}, RFC 8555 §6.2)
 * @param key EC P-256, for nothing but this account
 * @param directoryRoots PEM; null for the JDK's
 */
record AcmeAccount(
    URI directory,
    URI location,
    KeyPair key,
    @Nullable String directoryRoots,
    @Nullable DnsWebhook dnsWebhook) {

  static final String KEY_ALGORITHM = "EC";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DIRECTORY = "directory";
  private static final String ACCOUNT = "account";
  private static final String DIRECTORY_ROOTS = "directoryRoots";
  private static final String WEBHOOK = "dnsWebhook";
  private static final String WEBHOOK_USER = "dnsWebhookUsername";

  /** What is sealed: keys are PKCS#8 and SubjectPublicKeyInfo in DER. */
  private record Secret(byte[] privateKey, byte[] publicKey, @Nullable String webhookPassword) {
    @Override
    public String toString() {
      return "Secret[]";
    }
  }

  static AcmeAccount of(ExternalAccount kept) {
    Map<String, String> settings = kept.settings();
    try {
      Secret secret = JSON.readValue(kept.secret(), Secret.class);
      String webhook = settings.get(WEBHOOK);
      return new AcmeAccount(
          URI.create(settings.get(DIRECTORY)),
          URI.create(settings.get(ACCOUNT)),
          keyPair(secret),
          settings.get(DIRECTORY_ROOTS),
          webhook == null
              ? null
              : new DnsWebhook(
                  URI.create(webhook), settings.get(WEBHOOK_USER), secret.webhookPassword()));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("A kept ACME account cannot be read"); // no cause: secret
    }
  }

  ExternalAccount toExternal() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put(DIRECTORY, directory.toString());
    settings.put(ACCOUNT, location.toString());
    if (directoryRoots != null) {
      settings.put(DIRECTORY_ROOTS, directoryRoots);
    }
    if (dnsWebhook != null) {
      settings.put(WEBHOOK, dnsWebhook.url().toString());
      if (dnsWebhook.username() != null) {
        settings.put(WEBHOOK_USER, dnsWebhook.username());
      }
    }
    return new ExternalAccount(settings, secret());
  }

  URL locationUrl() {
    try {
      return location.toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException("A kept ACME account has no URL", e);
    }
  }

  private byte[] secret() {
    try {
      return JSON.writeValueAsBytes(
          new Secret(
              key.getPrivate().getEncoded(),
              key.getPublic().getEncoded(),
              dnsWebhook == null ? null : dnsWebhook.password()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("An ACME account cannot be written"); // no cause: secret
    }
  }

  private static KeyPair keyPair(Secret secret) throws GeneralSecurityException {
    KeyFactory keys = KeyFactory.getInstance(KEY_ALGORITHM);
    return new KeyPair(
        keys.generatePublic(new X509EncodedKeySpec(secret.publicKey())),
        keys.generatePrivate(new PKCS8EncodedKeySpec(secret.privateKey())));
  }

  @Override
  public String toString() {
    return "AcmeAccount[" + location + "]";
  }
}
