package dev.pgseal.api;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.issuing.CertificatePurpose;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A certificate to issue. */
@Schema(name = "IssueRequest")
public record CertificateRequest(
    @NotNull @Schema(description = "who issues it", examples = "corp") String authority,
    @Nullable @Schema(description = "SERVER when absent") CertificatePurpose purpose,
    @Nullable
        @Schema(
            description = "PKCS#10 in PEM; without one a key is made and answered once",
            examples = "-----BEGIN CERTIFICATE REQUEST-----\\n…")
        String certificateSigningRequest,
    @Nullable
        @Size(min = 1, max = 100)
        @Schema(
            description =
                """
                for SERVER: names and addresses that clients use, the certificate's \
                subjectAltNames; those of server when absent. Never taken from the CSR""",
            examples = "[\"db1.example.com\", \"10.0.0.5\"]")
        List<@NotNull String> endpoints,
    @Nullable @Schema(description = "for SERVER: the managed server it is for", examples = "db1")
        String server,
    @Nullable
        @Schema(
            description = "for CLIENT: the role, or what pg_ident.conf maps to one",
            examples = "orders_app")
        String commonName,
    @Nullable @Schema(description = "of a new key, ECDSA_P256 when absent") KeyType keyType,
    @Nullable
        @Schema(
            description = "ISO-8601, 365 days when absent; an ACME CA decides for itself",
            examples = "P90D")
        Duration validity,
    @Nullable
        @Schema(
            description =
                "for SERVER: IPv4 addresses also as dNSName, which libpq up to 14 needs; true when absent")
        Boolean legacyIpNames,
    @Nullable @Schema(description = "disadvantages taken knowingly")
        Set<@NotNull Acceptance> accept,
    @Nullable @Schema(description = "how a new key is answered, PKCS8 when absent")
        KeyFormat keyFormat,
    @Nullable
        @Size(min = 8, max = 1024)
        @Schema(description = "for ENCRYPTED_PKCS8 and PKCS12", writeOnly = true)
        String passphrase,
    @Nullable @Schema(description = "all checks; nothing is issued, no key made known")
        Boolean validateOnly) {

  /** How a private key is answered. */
  public enum KeyFormat {
    /** PEM, not encrypted: what PostgreSQL reads. */
    PKCS8,
    /** PEM under a passphrase. */
    ENCRYPTED_PKCS8,
    /** With its chain in one file under a passphrase. */
    PKCS12
  }

  @Override
  public String toString() {
    return "IssueRequest[" + authority + "]";
  }
}
