package dev.pgseal.lifecycle;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.certificate.Pem;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.job.StepResult;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.rollout.StepContext;
import dev.pgseal.tls.AuthorityRotationStore;
import dev.pgseal.tls.CertificateInstaller;
import dev.pgseal.tls.ServerAccess;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The steps of a rotation on the authority itself. */
@ApplicationScoped
public class AuthoritySteps {

  private final Authorities authorities;
  private final AuthorityRotationStore rotations;
  private final CertificateInstaller installer;
  private final ServerAccess access;
  private final Clock clock;

  public AuthoritySteps(
      Authorities authorities,
      AuthorityRotationStore rotations,
      CertificateInstaller installer,
      ServerAccess access,
      Clock clock) {
    this.authorities = authorities;
    this.rotations = rotations;
    this.installer = installer;
    this.access = access;
    this.clock = clock;
  }

  StepResult create(StepContext<RotationRequest> context) {
    RotationRequest request = context.request();
    context.recordUndo(Map.of());
    // what is there was made before a restart, or by a rotation that ended half way
    if (rotations.find(request.authority()).isEmpty()) {
      begin(request);
    }
    AuthorityRotationStore.Other made = rotations.find(request.authority()).orElseThrow();
    CertificateDescription description =
        CertificateDescription.of(Pem.certificates(made.certificateChain()).get(0));
    return StepResult.done(
        Map.of(
            "subject", description.subject(),
            "fingerprint", description.fingerprint(),
            "notAfter", description.notAfter().toString()));
  }

  private void begin(RotationRequest request) {
    StoredAuthority old = authorities.require(request.authority());
    List<X509Certificate> chain = Authorities.chain(old);
    AuthorityProfile profile = profile(request, old, chain.get(0));
    Authority next =
        chain.size() == 1
            ? Authority.create(profile, clock)
            : parent(chain.get(1)).createIntermediate(profile, clock);
    byte[] key = next.key().pkcs8Pem();
    try {
      rotations.begin(request.authority(), Pem.encode(next.chain()), request.keyType().name(), key);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** Names, policy and path length are those of the old generation. */
  private static AuthorityProfile profile(
      RotationRequest request, StoredAuthority old, X509Certificate certificate) {
    int pathLength = certificate.getBasicConstraints();
    return new AuthorityProfile(
        request.commonName(),
        GenerationNames.organization(certificate),
        request.keyType(),
        request.validity(),
        pathLength == Integer.MAX_VALUE ? null : pathLength,
        old.policy(),
        old.accepted());
  }

  private Authority parent(X509Certificate certificate) {
    return authorities.list(null, Integer.MAX_VALUE).stream()
        .filter(stored -> Authorities.chain(stored).stream().limit(1).anyMatch(certificate::equals))
        .findFirst()
        .map(stored -> authorities.open(stored.name()))
        .orElseThrow(
            () ->
                new PgsealException(
                        ProblemType.ILLEGAL_STATE,
                        "The authority above it is not one of pgseal's: "
                            + certificate.getSubjectX500Principal())
                    .hint("Bring the new intermediate along as an authority of its own"));
  }

  void undoCreate(StepContext<RotationRequest> context) {
    rotations.end(context.request().authority());
  }

  StepResult promote(StepContext<RotationRequest> context) {
    context.recordUndo(Map.of());
    rotations.swap(context.request().authority(), true);
    return StepResult.done(
        Map.of(
            "signs",
            CertificateDescription.of(
                    Pem.certificates(
                            authorities.require(context.request().authority()).certificateChain())
                        .get(0))
                .subject()));
  }

  void undoPromote(StepContext<RotationRequest> context) {
    rotations.swap(context.request().authority(), false);
  }

  /**
   * The last step, because nothing can be taken back once it has begun. An old key that cannot be
   * removed now is reported; the next renewal of its server removes it.
   */
  StepResult retire(StepContext<RotationRequest> context) {
    rotations.end(context.request().authority());
    List<String> left = new ArrayList<>();
    for (String name : context.request().serving()) {
      OldKeys.remove(context, access.require(name), installer)
          .ifPresent(reason -> left.add(name + ": " + reason));
    }
    return StepResult.done(Map.of("oldKeysLeft", left));
  }
}
