package dev.pgseal.api;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.issuing.AuthorityKind;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What an authority is to be. Keys and passphrases are write-only. */
@Schema(name = "AuthorityRequest")
public record AuthorityRequest(
    @NotNull @Pattern(regexp = Names.PATTERN, message = Names.MESSAGE) @Schema(examples = "corp")
        String name,
    @Nullable
        @Schema(
            description =
                """
                ROOT when absent. INTERMEDIATE is signed by parent. IMPORTED brings \
                certificateChain and privateKey, or pkcs12. PENDING answers a \
                certificateSigningRequest and waits for :complete. ACME is a CA outside.""")
        AuthorityKind kind,
    @Nullable
        @Size(min = 1, max = 64)
        @Schema(description = "the name and CA when absent", examples = "Corp PostgreSQL CA")
        String commonName,
    @Nullable @Size(min = 1, max = 64) @Schema(examples = "Corp") String organization,
    @Nullable @Schema(description = "of a new key, ECDSA_P256 when absent") KeyType keyType,
    @Nullable @Schema(description = "ISO-8601 duration, ten years when absent", examples = "P3650D")
        Duration validity,
    @Nullable
        @Min(0)
        @Max(8)
        @Schema(description = "authorities that may stand below it; any number when absent")
        Integer pathLength,
    @Nullable
        @Schema(description = "for INTERMEDIATE: the authority that signs it", examples = "corp")
        String parent,
    @Nullable @Valid Policy policy,
    @Nullable @Schema(description = "for IMPORTED: PEM, the authority's own first, the root last")
        String certificateChain,
    @Nullable @Schema(description = "for IMPORTED: PEM", writeOnly = true) String privateKey,
    @Nullable
        @Schema(
            description = "for IMPORTED, instead of chain and key: PKCS#12 in base64",
            writeOnly = true)
        String pkcs12,
    @Nullable @Schema(description = "of privateKey or pkcs12", writeOnly = true) String passphrase,
    @Nullable @Valid @Schema(description = "for ACME") Acme acme,
    @Nullable
        @Schema(description = "needed for an Ed25519 authority: SIGNATURE_WITHOUT_CHANNEL_BINDING")
        Set<Acceptance> accept) {

  /** What the authority may issue; see {@link AuthorityPolicy}. */
  @Schema(name = "AuthorityPolicy")
  public record Policy(
      @Nullable
          @Size(max = 100)
          @Schema(
              description =
                  """
                  domains with all below them, and address ranges; any name when absent. In a new \
                  authority they become name constraints too""",
              examples = "[\"db.example.com\", \"10.0.0.0/8\"]")
          List<@NotNull String> permittedNames,
      @Nullable
          @Schema(
              description = "longest validity of a certificate, 825 days when absent",
              examples = "P90D")
          Duration maxValidity,
      @Nullable @Schema(description = "kinds of key it certifies; any strong one when absent")
          Set<@NotNull KeyType> keyTypes) {

    static Policy of(AuthorityPolicy policy) {
      return new Policy(
          policy.permittedNames(),
          policy.maxValidity(),
          new java.util.TreeSet<>(policy.keyTypes()));
    }
  }

  /** An ACME CA (RFC 8555). */
  @Schema(name = "AcmeRequest")
  public record Acme(
      @NotNull @Schema(examples = "https://acme.corp.example/directory") URI directory,
      @Nullable
          @Schema(
              description =
                  "PEM of the roots that verify the TLS of directory and dnsWebhook, if private")
          String directoryRoots,
      @Nullable
          @Schema(
              description =
                  """
                  PEM of the roots below which it issues: what clients trust. The bundle answers \
                  them, and a certificate that does not lead there is refused; without them \
                  nobody is told what to trust""")
          String roots,
      @Nullable @Size(max = 10) @Schema(examples = "[\"mailto:dba@corp.example\"]")
          List<@NotNull String> contacts,
      @Nullable @Valid Binding externalAccountBinding,
      @Nullable
          @Valid
          @Schema(
              description =
                  "answers dns-01 challenges; not needed when the CA has the names authorised")
          Webhook dnsWebhook) {}

  /** An account known to the CA by other means; used once. */
  @Schema(name = "ExternalAccountBinding")
  public record Binding(
      @NotNull @Size(min = 1, max = 256) String keyId,
      @NotNull @Size(min = 1, max = 1024) @Schema(description = "base64url", writeOnly = true)
          String macKey) {
    @Override
    public String toString() {
      return keyId;
    }
  }

  /** POST url/present and url/cleanup with fqdn and value, as lego's httpreq provider does it. */
  @Schema(name = "DnsWebhook")
  public record Webhook(
      @NotNull @Schema(examples = "https://dns-hook.corp.example") URI url,
      @Nullable String username,
      @Nullable @Schema(writeOnly = true) String password) {
    @Override
    public String toString() {
      return String.valueOf(url);
    }
  }

  @Override
  public String toString() {
    return "AuthorityRequest[" + name + "]";
  }
}
