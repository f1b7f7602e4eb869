package dev.pgseal.api;

import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.AuthorityKind;
import dev.pgseal.issuing.AuthorityState;
import dev.pgseal.issuing.StoredAuthority;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** An authority without its key. */
@Schema(name = "Authority")
public record AuthorityView(
    @Schema(examples = "corp") String name,
    AuthorityKind kind,
    AuthorityState state,
    @Schema(description = "the authority that signed it, if that is one of pgseal")
        @Nullable String parent,
    @Schema(examples = "ECDSA_P256") String keyType,
    Instant createdAt,
    AuthorityRequest.Policy policy,
    @Schema(description = "absent while PENDING, and for ACME")
        @Nullable CertificateDescription certificate,
    @Schema(description = "its own first, the root last") List<CertificateDescription> chain,
    @Schema(description = "PEM, while PENDING: what is to be signed outside")
        @Nullable String certificateSigningRequest,
    @Schema(description = "for ACME: directory, account, dnsWebhook")
        @Nullable Map<String, String> acme) {

  static AuthorityView of(StoredAuthority stored) {
    List<CertificateDescription> chain =
        Authorities.chain(stored).stream().map(CertificateDescription::of).toList();
    return new AuthorityView(
        stored.name(),
        stored.kind(),
        stored.state(),
        stored.parent(),
        stored.keyType(),
        stored.createdAt(),
        AuthorityRequest.Policy.of(stored.policy()),
        chain.isEmpty() ? null : chain.get(0),
        chain,
        stored.signingRequest(),
        stored.kind() == AuthorityKind.ACME ? stored.settings() : null);
  }

  /** A page of authorities. */
  @Schema(name = "AuthorityList")
  public record AuthorityList(List<AuthorityView> authorities, @Nullable String nextPageToken) {}
}
