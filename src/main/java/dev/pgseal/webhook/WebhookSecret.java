package dev.pgseal.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key that messages of a webhook are signed with, as <a
 * href="https://www.standardwebhooks.com">Standard Webhooks</a> 1.0 has it: {@code whsec_} and 24
 * to 64 octets in base64.
 */
public final class WebhookSecret {

  private static final String PREFIX = "whsec_";
  private static final int NEW_OCTETS = 32;
  private static final int LEAST_OCTETS = 24;
  private static final int MOST_OCTETS = 64;
  private static final String ALGORITHM = "HmacSHA256";
  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] key;

  private WebhookSecret(byte[] key) {
    this.key = key;
  }

  public static WebhookSecret generate() {
    byte[] key = new byte[NEW_OCTETS];
    RANDOM.nextBytes(key);
    return new WebhookSecret(key);
  }

  /**
   * @throws IllegalArgumentException for anything else; the message does not repeat it
   */
  public static WebhookSecret parse(String text) {
    if (text.startsWith(PREFIX)) {
      try {
        byte[] key = Base64.getDecoder().decode(text.substring(PREFIX.length()));
        if (key.length >= LEAST_OCTETS && key.length <= MOST_OCTETS) {
          return new WebhookSecret(key);
        }
      } catch (IllegalArgumentException e) {
        // the same answer, without the text
      }
    }
    throw new IllegalArgumentException("a secret is whsec_ and 24 to 64 octets in base64");
  }

  public static WebhookSecret ofBytes(byte[] key) {
    return new WebhookSecret(key.clone());
  }

  public byte[] bytes() {
    return Arrays.copyOf(key, key.length);
  }

  /** For the answer that shows it once. */
  public String text() {
    return PREFIX + Base64.getEncoder().encodeToString(key);
  }

  /** The value of {@code webhook-signature}: {@code v1,} and the MAC of id, time and body. */
  String sign(String id, Instant at, String body) {
    String signed = id + "." + at.getEpochSecond() + "." + body;
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      byte[] code = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(code);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has " + ALGORITHM, e);
    }
  }

  /** Never shows it. */
  @Override
  public String toString() {
    return PREFIX + "********";
  }
}
