package dev.pgseal.lifecycle;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.CertificateRecord;
import dev.pgseal.issuing.CertificateRecordStore;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobEngine;
import dev.pgseal.job.Requester;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.RenewalStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides when a server's certificate is renewed, and starts the job. */
@ApplicationScoped
public class RenewalService {

  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  /**
   * Servers whose certificates were made together are renewed spread over this part of the life.
   */
  private static final double SPREAD = 0.02;

  private final RenewalStore renewals;
  private final CertificateRecordStore records;
  private final Authorities authorities;
  private final JobEngine jobs;
  private final ObjectMapper json;
  private final Clock clock;

  public RenewalService(
      RenewalStore renewals,
      CertificateRecordStore records,
      Authorities authorities,
      JobEngine jobs,
      ObjectMapper json,
      Clock clock) {
    this.renewals = renewals;
    this.records = records;
    this.authorities = authorities;
    this.jobs = jobs;
    this.json = json;
    this.clock = clock;
  }

  /**
   * How it stands with a server.
   *
   * @param automatic it is renewed by itself
   * @param reason why not, null when it is
   * @param dueAt when, null when it is not known or not renewed by itself
   */
  public record Status(
      RenewalStore.@Nullable Renewal renewal,
      RenewalStore.@Nullable Observed served,
      boolean automatic,
      @Nullable String reason,
      @Nullable Instant dueAt) {}

  public Status status(ManagedServer server) {
    RenewalStore.Renewal renewal = renewals.find(server.id()).orElse(null);
    RenewalStore.Observed served = renewals.observed(server.id()).orElse(null);
    String reason = obstacle(renewal, served);
    return new Status(
        renewal,
        served,
        reason == null,
        reason,
        reason == null && renewal != null && served != null ? dueAt(renewal, served) : null);
  }

  /** Why the certificate is not renewed by itself; null when it is. */
  private @Nullable String obstacle(
      RenewalStore.@Nullable Renewal renewal, RenewalStore.@Nullable Observed served) {
    if (renewal == null) {
      return "pgseal has installed no certificate on this server: it is only watched";
    }
    if (renewal.authority() == null) {
      return "The certificate did not come from an authority of pgseal: it is only watched";
    }
    if (!renewal.enabled()) {
      return "Renewal is switched off for this server";
    }
    if (served == null) {
      return "No certificate was seen in a handshake yet";
    }
    if (!isOurs(served)) {
      return "The certificate that is served was not installed by pgseal: it is only watched";
    }
    return revokedAt(served).isEmpty() && gainsNothing(renewal, served)
        ? "Its authority expires with it: rotate the authority"
        : null;
  }

  private Optional<Instant> revokedAt(RenewalStore.Observed served) {
    return records.findByFingerprint(served.fingerprint()).map(CertificateRecord::revokedAt);
  }

  private boolean isOurs(RenewalStore.Observed served) {
    return records
        .findByFingerprint(served.fingerprint())
        .filter(record -> record.authority() != null)
        .isPresent();
  }

  /** A certificate is never valid longer than its authority. */
  private boolean gainsNothing(RenewalStore.Renewal renewal, RenewalStore.Observed served) {
    List<X509Certificate> chain = Authorities.chain(authorities.require(renewal.authority()));
    return !chain.isEmpty() && !served.notAfter().isBefore(chain.get(0).getNotAfter().toInstant());
  }

  /**
   * A part of its life before the end, and a little earlier, each server by another bit; at once
   * when it was revoked.
   */
  private Instant dueAt(RenewalStore.Renewal renewal, RenewalStore.Observed served) {
    return revokedAt(served).orElseGet(() -> inTime(renewal, served));
  }

  /**
   * What was asked for: notBefore is earlier than the issue. Less when the issuer, a CA outside,
   * gave less.
   */
  private static Duration life(RenewalStore.Renewal renewal, RenewalStore.Observed served) {
    Duration given = Duration.between(served.notBefore(), served.notAfter());
    return given.compareTo(renewal.validity()) < 0 ? given : renewal.validity();
  }

  private static Instant inTime(RenewalStore.Renewal renewal, RenewalStore.Observed served) {
    long life = life(renewal, served).toMillis();
    double early = SPREAD * Math.floorMod(renewal.serverId().hashCode(), 1000) / 1000.0;
    return served
        .notAfter()
        .minus(Duration.ofMillis((long) (life * (1 - renewal.renewAt() + early))));
  }

  /** Starts a renewal when it is due and nothing stands against it. */
  Optional<Job> startIfDue(ManagedServer server) {
    Status status = status(server);
    RenewalStore.Renewal renewal = status.renewal();
    if (renewal == null || status.dueAt() == null || clock.instant().isBefore(status.dueAt())) {
      return Optional.empty();
    }
    Instant next = renewal.nextAttemptAt();
    if (next != null && clock.instant().isBefore(next)) {
      return Optional.empty();
    }
    return Optional.of(start(server, "pgseal"));
  }

  /** Due for so long that half of the time left until notAfter is gone. */
  boolean isLate(ManagedServer server) {
    Status status = status(server);
    if (status.dueAt() == null || status.served() == null) {
      return false;
    }
    Duration left = Duration.between(status.dueAt(), status.served().notAfter());
    return clock.instant().isAfter(status.dueAt().plus(left.dividedBy(2)));
  }

  /**
   * Renews now.
   *
   * @throws PgsealException {@code ILLEGAL_STATE} when the certificate did not come from an
   *     authority of pgseal, {@code OPERATION_IN_PROGRESS}
   */
  public Job start(ManagedServer server, String requestedBy) {
    RenewalStore.Renewal renewal = renewals.find(server.id()).orElse(null);
    if (renewal == null || renewal.authority() == null) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE,
              "The certificate of %s did not come from an authority of pgseal: it is never replaced by one of ours"
                  .formatted(server.name()))
          .hint("POST /v1/servers/" + server.name() + "/certificates installs one");
    }
    if (renewals.observed(server.id()).filter(served -> !isOurs(served)).isPresent()) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE,
              "The certificate that %s serves was not installed by pgseal: it is never replaced by one of ours"
                  .formatted(server.name()))
          .hint("POST /v1/servers/" + server.name() + "/certificates installs one");
    }
    RenewalRequest request =
        new RenewalRequest(
            server.name(),
            renewal.authority(),
            KeyType.valueOf(renewal.keyType()),
            renewal.validity());
    Job job =
        jobs.submit(
            new JobDraft(
                RenewalHandler.KIND,
                json.convertValue(request, OBJECT),
                RenewalHandler.plan(server.name()),
                List.of(server.id())),
            Requester.of(requestedBy));
    renewals.started(server.id(), job.id(), clock.instant());
    return job;
  }
}
