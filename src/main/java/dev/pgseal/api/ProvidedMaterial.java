package dev.pgseal.api;

import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.Pkcs12;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A chain and its key that a caller brought, as two PEM texts or as one PKCS#12 file.
 *
 * @param passphrase of an encrypted key PEM
 */
record ProvidedMaterial(String chainPem, String keyPem, char @Nullable [] passphrase) {

  /**
   * @param owner what the fields belong to, for the refusal
   * @throws PgsealException {@code VALIDATION_FAILED} when something is missing or both came,
   *     {@code CERTIFICATE_INVALID}
   */
  static ProvidedMaterial of(
      @Nullable String certificateChain,
      @Nullable String privateKey,
      @Nullable String pkcs12,
      @Nullable String passphrase,
      Object owner) {
    if (pkcs12 == null) {
      return new ProvidedMaterial(
          require(certificateChain, "certificateChain", owner),
          require(privateKey, "privateKey", owner),
          passphrase == null ? null : passphrase.toCharArray());
    }
    if (certificateChain != null || privateKey != null) {
      throw refused("pkcs12", "pkcs12 comes instead of certificateChain and privateKey")
          .hint("Send one of the two forms");
    }
    Pkcs12 file =
        Pkcs12.decode(decode(pkcs12), require(passphrase, "passphrase", "pkcs12").toCharArray());
    byte[] key = file.key().pkcs8Pem();
    try {
      return new ProvidedMaterial(
          Pem.encode(file.chain()), new String(key, StandardCharsets.US_ASCII), null);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  static String require(@Nullable String value, String field, Object owner) {
    if (value == null || value.isBlank()) {
      throw missing(field, owner);
    }
    return value;
  }

  static PgsealException missing(String field, Object owner) {
    return refused(field, field + " is needed for " + owner).hint("Send " + field);
  }

  private static PgsealException refused(String field, String detail) {
    return new PgsealException(ProblemType.VALIDATION_FAILED, detail).with("field", field);
  }

  private static byte[] decode(String base64) {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw refused("pkcs12", "pkcs12 is not base64").hint("openssl base64 -in file.p12");
    }
  }

  @Override
  public String toString() {
    return "ProvidedMaterial[]";
  }
}
