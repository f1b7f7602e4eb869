package dev.pgseal.api;

import dev.pgseal.api.CertificateRequest.KeyFormat;
import dev.pgseal.certificate.Finding;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.Pem;
import dev.pgseal.issuing.CertificateRecord;
import dev.pgseal.issuing.Issuing;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What was issued, with its key if that was made here: in this answer and never again. */
@Schema(name = "IssuedCertificate")
public record IssueAnswer(
    @Schema(description = "absent with validateOnly") @Nullable CertificateView certificate,
    @Schema(description = "PEM, leaf first; the content of ssl_cert_file or sslcert")
        @Nullable String certificateChain,
    @Schema(description = "PEM, in this answer only") @Nullable String privateKey,
    @Schema(description = "PKCS#12 in base64, in this answer only") @Nullable String pkcs12,
    @Schema(description = "what clients may trip over, and what comes out otherwise than asked")
        List<Finding> warnings) {

  static IssueAnswer preview(List<Finding> warnings) {
    return new IssueAnswer(null, null, null, null, warnings);
  }

  /**
   * @param passphrase needed for the formats that have one
   */
  static IssueAnswer of(
      Issuing.Outcome outcome, KeyFormat format, @Nullable String passphrase, Instant now) {
    CertificateRecord issued = outcome.certificate();
    KeyMaterial key = outcome.key();
    boolean file = key != null && format == KeyFormat.PKCS12;
    return new IssueAnswer(
        CertificateView.of(issued, List.of(), now),
        issued.pem(),
        key == null || file ? null : pem(key, format, passphrase),
        file ? pkcs12(key, issued, passphrase) : null,
        outcome.warnings());
  }

  private static String pem(KeyMaterial key, KeyFormat format, @Nullable String passphrase) {
    byte[] pem =
        format == KeyFormat.PKCS8
            ? key.pkcs8Pem()
            : key.encryptedPkcs8Pem(requirePassphrase(passphrase));
    try {
      return new String(pem, StandardCharsets.US_ASCII);
    } finally {
      Arrays.fill(pem, (byte) 0);
    }
  }

  private static String pkcs12(
      KeyMaterial key, CertificateRecord issued, @Nullable String passphrase) {
    byte[] file = key.pkcs12(Pem.certificates(issued.pem()), "user", requirePassphrase(passphrase));
    return Base64.getEncoder().encodeToString(file);
  }

  static char[] requirePassphrase(@Nullable String passphrase) {
    return ProvidedMaterial.require(passphrase, "passphrase", "this keyFormat").toCharArray();
  }

  /** Never shows the key. */
  @Override
  public String toString() {
    return "IssueAnswer[]";
  }
}
