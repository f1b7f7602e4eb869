package dev.pgseal.api;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.Pem;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.AuthorityKind;
import dev.pgseal.issuing.ExternalIssuers;
import dev.pgseal.issuing.ExternalRegistration;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.tls.AuthorityGenerations;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the authority that a request asks for, and refuses fields that its kind has no use for. */
@ApplicationScoped
class AuthorityCreation {

  private static final Set<AuthorityKind> KEY_MADE_HERE =
      Set.of(AuthorityKind.ROOT, AuthorityKind.INTERMEDIATE, AuthorityKind.PENDING);

  /** RFC 5280 appendix A.1, ub-common-name. */
  private static final int LONGEST_COMMON_NAME = 64;

  private final Authorities authorities;
  private final ExternalIssuers external;
  private final AuthorityGenerations generations;

  AuthorityCreation(
      Authorities authorities, ExternalIssuers external, AuthorityGenerations generations) {
    this.generations = generations;
    this.authorities = authorities;
    this.external = external;
  }

  StoredAuthority create(AuthorityRequest request) {
    AuthorityKind kind = Objects.requireNonNullElse(request.kind(), AuthorityKind.ROOT);
    refuseStrangers(request, kind);
    return switch (kind) {
      case ROOT -> authorities.create(request.name(), profile(request, policy(request, null)));
      case PENDING ->
          authorities.createPending(request.name(), profile(request, policy(request, null)));
      case INTERMEDIATE -> intermediate(request);
      case IMPORTED -> imported(request);
      case ACME -> acme(request);
    };
  }

  private StoredAuthority intermediate(AuthorityRequest request) {
    String parent =
        ProvidedMaterial.require(request.parent(), "parent", AuthorityKind.INTERMEDIATE);
    AuthorityPolicy above = authorities.require(parent).policy();
    generations.requireSettled(parent);
    return authorities.createIntermediate(
        request.name(), parent, profile(request, policy(request, above)));
  }

  private StoredAuthority imported(AuthorityRequest request) {
    ProvidedMaterial material =
        ProvidedMaterial.of(
            request.certificateChain(),
            request.privateKey(),
            request.pkcs12(),
            request.passphrase(),
            AuthorityKind.IMPORTED);
    return authorities.importPair(
        request.name(),
        material.chainPem(),
        material.keyPem(),
        material.passphrase(),
        policy(request, null),
        accepted(request));
  }

  private StoredAuthority acme(AuthorityRequest request) {
    AuthorityRequest.Acme acme = request.acme();
    if (acme == null) {
      throw ProvidedMaterial.missing("acme", AuthorityKind.ACME);
    }
    String roots = acme.roots() == null ? null : Pem.encode(Pem.certificates(acme.roots()));
    AuthorityPolicy policy = policy(request, null);
    authorities.requireFree(request.name());
    AuthorityRequest.Binding binding = acme.externalAccountBinding();
    AuthorityRequest.Webhook webhook = acme.dnsWebhook();
    ExternalRegistration registration =
        new ExternalRegistration(
            acme.directory(),
            acme.directoryRoots(),
            Objects.requireNonNullElse(acme.contacts(), List.of()),
            binding == null
                ? null
                : new ExternalRegistration.Binding(binding.keyId(), binding.macKey()),
            webhook == null
                ? null
                : new ExternalRegistration.DnsWebhook(
                    webhook.url(), webhook.username(), webhook.password()));
    return authorities.keepAccount(request.name(), external.register(registration), policy, roots);
  }

  private static AuthorityProfile profile(AuthorityRequest request, AuthorityPolicy policy) {
    return new AuthorityProfile(
        commonName(request),
        request.organization(),
        Objects.requireNonNullElse(request.keyType(), KeyType.DEFAULT),
        Objects.requireNonNullElse(request.validity(), AuthorityProfile.DEFAULT_VALIDITY),
        request.pathLength(),
        policy,
        accepted(request));
  }

  /** With a space, so that nobody takes it for a DNS name that name constraints forbid. */
  private static String commonName(AuthorityRequest request) {
    if (request.commonName() != null) {
      return request.commonName();
    }
    String usual = request.name() + " CA";
    return usual.length() <= LONGEST_COMMON_NAME ? usual : request.name();
  }

  /** What is not said is as above, or else as usual. */
  private static AuthorityPolicy policy(AuthorityRequest request, @Nullable AuthorityPolicy above) {
    AuthorityPolicy usual = Objects.requireNonNullElse(above, AuthorityPolicy.DEFAULT);
    AuthorityRequest.Policy wanted = request.policy();
    if (wanted == null) {
      return usual;
    }
    return new AuthorityPolicy(
        Objects.requireNonNullElse(wanted.maxValidity(), usual.maxValidity()),
        Objects.requireNonNullElse(wanted.keyTypes(), usual.keyTypes()),
        Objects.requireNonNullElse(wanted.permittedNames(), usual.permittedNames()));
  }

  private static Set<Acceptance> accepted(AuthorityRequest request) {
    return Objects.requireNonNullElse(request.accept(), Set.of());
  }

  /** A key sent for a root would be a key told to somebody for nothing; better to say so. */
  private static void refuseStrangers(AuthorityRequest request, AuthorityKind kind) {
    Map<String, @Nullable Object> strangers = new LinkedHashMap<>();
    if (kind != AuthorityKind.INTERMEDIATE) {
      strangers.put("parent", request.parent());
    }
    if (kind != AuthorityKind.IMPORTED) {
      strangers.put("certificateChain", request.certificateChain());
      strangers.put("privateKey", request.privateKey());
      strangers.put("pkcs12", request.pkcs12());
      strangers.put("passphrase", request.passphrase());
    }
    if (kind != AuthorityKind.ACME) {
      strangers.put("acme", request.acme());
    }
    if (!KEY_MADE_HERE.contains(kind)) {
      strangers.put("commonName", request.commonName());
      strangers.put("organization", request.organization());
      strangers.put("keyType", request.keyType());
      strangers.put("validity", request.validity());
      strangers.put("pathLength", request.pathLength());
    }
    strangers.forEach(
        (field, value) -> {
          if (value != null) {
            throw new PgsealException(
                    ProblemType.VALIDATION_FAILED, field + " does not belong to kind " + kind)
                .with("field", field)
                .hint("Leave it out, or choose another kind");
          }
        });
  }
}
