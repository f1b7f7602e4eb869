package dev.pgseal.tls;

import dev.pgseal.problem.PgsealException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Where is kept how each server's certificate is renewed, and what it serves. */
public interface RenewalStore extends InstalledCertificates {

  /**
   * @param renewAt fraction of the certificate's life after which it is renewed
   * @param authority null when the certificate did not come from one of ours: it is only watched
   * @param keyType name of the {@link dev.pgseal.certificate.KeyType}
   * @param validity of each new certificate
   * @param failures in a row
   * @param lastProblem why the last attempt failed, null when it did not
   * @param nextAttemptAt not before, after a failure
   * @param jobId the last renewal's
   */
  record Renewal(
      UUID serverId,
      boolean enabled,
      double renewAt,
      @Nullable String authority,
      String keyType,
      Duration validity,
      int failures,
      long failuresTotal,
      @Nullable String lastProblem,
      @Nullable Instant lastAttemptAt,
      @Nullable Instant lastRenewedAt,
      @Nullable Instant nextAttemptAt,
      @Nullable UUID jobId) {}

  /** What a handshake showed. */
  record Observed(
      UUID serverId,
      String server,
      String fingerprint,
      String issuer,
      Instant notBefore,
      Instant notAfter,
      Instant observedAt) {}

  Optional<Renewal> find(UUID serverId);

  List<Renewal> list();

  /** A certificate was installed; the policy ({@code enabled}, {@code renewAt}) stays. */
  @Override
  void installed(UUID serverId, @Nullable String authority, String keyType, Duration validity);

  /**
   * @param validity null leaves it
   * @throws PgsealException {@code NOT_FOUND} when pgseal installed no certificate there
   */
  Renewal setPolicy(UUID serverId, boolean enabled, double renewAt, @Nullable Duration validity);

  void started(UUID serverId, UUID jobId, Instant at);

  void succeeded(UUID serverId, Instant at);

  void failed(UUID serverId, String problem, Instant at, Instant nextAttemptAt);

  void observed(Observed observed);

  /** Nothing is served any more. */
  void forget(UUID serverId);

  Optional<Observed> observed(UUID serverId);

  List<Observed> observations();
}
