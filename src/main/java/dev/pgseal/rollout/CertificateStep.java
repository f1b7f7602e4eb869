package dev.pgseal.rollout;

import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.job.StepResult;
import dev.pgseal.tls.CertificateInstaller;
import dev.pgseal.tls.CertificateSource;
import dev.pgseal.tls.InstalledCertificate;
import dev.pgseal.tls.KeyTwins;
import dev.pgseal.tls.ServerUnderChange;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Issues the server's certificate and puts it where PostgreSQL reads it. */
@ApplicationScoped
class CertificateStep implements RolloutStep {

  private final CertificateInstaller installer;
  private final KeyTwins twins;

  CertificateStep(CertificateInstaller installer, KeyTwins twins) {
    this.installer = installer;
    this.twins = twins;
  }

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.INSTALL_CERTIFICATE);
  }

  @Override
  public StepResult run(StepContext<RolloutRequest> context, StepKind kind) {
    CertificateInstaller.Request request = request(context.request());
    try (ServerUnderChange change = context.open()) {
      // what an earlier run of this step left may lie there without being loaded or recorded
      boolean begun = context.recordedUndo(CertificateInstaller.Undo.class).isPresent();
      boolean shared = twins.sharesKey(change.session(), context.server(), context.primary());
      if (!begun && !shared && installer.isGoodAlready(change, request)) {
        return StepResult.skipped(
            Map.of("certificate", "in place, its names and its life suffice"));
      }
      CertificateInstaller.Undo undo =
          context.keepUndo(installer.prepareUndo(change), CertificateInstaller.Undo.class);
      InstalledCertificate installed = installer.install(change, request, undo);
      Map<String, Object> observed = new LinkedHashMap<>();
      if (shared) {
        observed.put(
            "copiedKey",
            "the key that was here is another node's, copied by a base backup, say: this is a new one");
      }
      observed.putAll(
          Map.of(
              "fingerprint", installed.certificate().fingerprint(),
              "subjectAltNames", installed.certificate().names(),
              "notAfter", installed.certificate().notAfter().toString(),
              "directory", installed.directory(),
              "keyOrigin", installed.keyOrigin().name(),
              "warnings", installed.warnings()));
      return StepResult.done(observed);
    }
  }

  @Override
  public void undo(StepContext<RolloutRequest> context, StepKind kind, String undo) {
    try (ServerUnderChange change = context.open()) {
      installer.undo(change, context.undoCodec().read(undo, CertificateInstaller.Undo.class));
    }
  }

  private static CertificateInstaller.Request request(RolloutRequest rollout) {
    KeyType keyType = Objects.requireNonNullElse(rollout.keyType(), KeyType.DEFAULT);
    Duration validity =
        Objects.requireNonNullElse(rollout.validity(), ServerCertificateRequest.DEFAULT_VALIDITY);
    CertificateSource source =
        rollout.certificateSource() == RolloutRequest.CertificateSource.SELF_SIGNED
            ? new CertificateSource.SelfSigned()
            : new CertificateSource.FromAuthority(
                Objects.requireNonNull(rollout.authority(), "authority"));
    return new CertificateInstaller.Request(source, keyType, validity, Set.of());
  }
}
