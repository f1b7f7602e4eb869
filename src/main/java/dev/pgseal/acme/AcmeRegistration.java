package dev.pgseal.acme;

import dev.pgseal.issuing.ExternalRegistration;
import dev.pgseal.issuing.ExternalRegistration.Binding;
import dev.pgseal.issuing.ExternalRegistration.DnsWebhook;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.exception.AcmeException;

/** Opens accounts (RFC 8555 §7.3), each with a key of its own. */
final class AcmeRegistration {

  /** What every CA verifies, whatever the size of the key that it handed out. */
  private static final String MAC_ALGORITHM = "HS256";

  /** RFC 7518 §3.2. */
  private static final int MIN_MAC_KEY = 32;

  private final AcmeConfig config;

  AcmeRegistration(AcmeConfig config) {
    this.config = config;
  }

  /**
   * @throws PgsealException {@code VALIDATION_FAILED} before anybody is asked, {@code ISSUER_FAULT}
   */
  AcmeAccount register(ExternalRegistration registration) {
    URI directory = SecureUri.require(registration.directory(), "acme.directory");
    DnsWebhook webhook = registration.dnsWebhook();
    if (webhook != null) {
      SecureUri.require(webhook.url(), "acme.dnsWebhook.url");
    }
    KeyPair key = newKey();
    AccountBuilder builder = new AccountBuilder().useKeyPair(key).agreeToTermsOfService();
    registration.contacts().forEach(contact -> addContact(builder, contact));
    Binding binding = registration.binding();
    if (binding != null) {
      builder.withKeyIdentifier(binding.keyId(), macKey(binding)).withMacAlgorithm(MAC_ALGORITHM);
    }
    Session session = AcmeSessions.open(directory, registration.trust(), config);
    URI location =
        AcmeFaults.asking(
            directory, "open an account", () -> create(builder, session, binding != null));
    return new AcmeAccount(directory, location, key, registration.trust(), webhook);
  }

  private static URI create(AccountBuilder builder, Session session, boolean bound)
      throws AcmeException {
    if (!bound && session.getMetadata().isExternalAccountRequired()) {
      throw new PgsealException(
              ProblemType.VALIDATION_FAILED, "The CA opens accounts only for who is known to it")
          .with("field", "acme.externalAccountBinding")
          .hint("Get a key identifier and a MAC key from the CA and give both.");
    }
    Login login = builder.createLogin(session);
    try {
      return login.getAccountLocation().toURI();
    } catch (URISyntaxException e) {
      throw new AcmeException("the URL of the account is none", e);
    }
  }

  private static void addContact(AccountBuilder builder, String contact) {
    try {
      builder.addContact(contact);
    } catch (IllegalArgumentException e) {
      throw invalid("acme.contacts", "A contact is a URL such as mailto:dba@corp.example");
    }
  }

  private static String macKey(Binding binding) {
    byte[] key;
    try {
      key = Base64.getUrlDecoder().decode(binding.macKey());
    } catch (IllegalArgumentException e) {
      throw invalid("acme.externalAccountBinding.macKey", "The MAC key is not base64url");
    }
    if (key.length < MIN_MAC_KEY) {
      throw invalid(
          "acme.externalAccountBinding.macKey",
          "The MAC key has fewer than %d octets".formatted(MIN_MAC_KEY));
    }
    return binding.macKey();
  }

  private static PgsealException invalid(String field, String detail) {
    return new PgsealException(ProblemType.VALIDATION_FAILED, detail).with("field", field);
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(AcmeAccount.KEY_ALGORITHM);
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has EC P-256", e);
    }
  }
}
