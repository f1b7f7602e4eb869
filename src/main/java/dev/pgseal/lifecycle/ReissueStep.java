package dev.pgseal.lifecycle;

import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.job.StepResult;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.rollout.StepContext;
import dev.pgseal.tls.CertificateInstaller;
import dev.pgseal.tls.CertificateSource;
import dev.pgseal.tls.InstalledCertificate;
import dev.pgseal.tls.RenewalStore;
import dev.pgseal.tls.ServerUnderChange;
import dev.pgseal.tls.SslSwitch;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Issues a server's certificate by the new generation of its authority. */
@ApplicationScoped
public class ReissueStep {

  private final CertificateInstaller installer;
  private final RenewalStore renewals;
  private final Authorities authorities;
  private final SslSwitch ssl;

  public ReissueStep(
      CertificateInstaller installer,
      RenewalStore renewals,
      Authorities authorities,
      SslSwitch ssl) {
    this.installer = installer;
    this.renewals = renewals;
    this.authorities = authorities;
    this.ssl = ssl;
  }

  StepResult run(StepContext<RotationRequest> context) {
    RenewalStore.Renewal like = renewals.find(context.server().id()).orElseThrow();
    try (ServerUnderChange change = context.open()) {
      CertificateInstaller.Undo undo =
          context.keepUndo(installer.prepareUndo(change), CertificateInstaller.Undo.class);
      InstalledCertificate installed =
          installer.install(
              change,
              new CertificateInstaller.Request(
                  new CertificateSource.FromAuthority(context.request().authority()),
                  KeyType.valueOf(like.keyType()),
                  like.validity(),
                  Set.of()),
              undo);
      if (installed.servedFingerprint() != null) {
        requireNewGeneration(
            context, ssl.requireServed(change, installed.certificate().fingerprint()));
      }
      return StepResult.done(
          Map.of(
              "fingerprint", installed.certificate().fingerprint(),
              "issuer", installed.certificate().issuer(),
              "served", installed.servedFingerprint() != null));
    }
  }

  private void requireNewGeneration(StepContext<RotationRequest> context, TlsAnswer.Served served) {
    List<X509Certificate> chain =
        Authorities.chain(authorities.require(context.request().authority()));
    if (!new TrustBundle(List.of(chain.get(0))).anchors(served.chain())) {
      throw new PgsealException(
          ProblemType.CERTIFICATE_NOT_SERVED,
          "The certificate that is served does not chain to the new generation");
    }
  }

  void undo(StepContext<RotationRequest> context, String undo) {
    try (ServerUnderChange change = context.open()) {
      installer.undo(change, context.undoCodec().read(undo, CertificateInstaller.Undo.class));
    }
  }
}
