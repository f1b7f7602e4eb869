package dev.pgseal.tls;

import dev.pgseal.hba.HbaDecision;
import dev.pgseal.hba.Transport;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.StreamAttempt;
import dev.pgseal.postgres.Walsender;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Tries a new {@code primary_conninfo} while the old stream still runs: a change tears the healthy
 * stream down before the new one is tried (walreceiver.c).
 *
 * <p>The upstream's rules are asked about this very user and address over TLS. Where the standby's
 * host has a psql, it connects from there with the new string itself; else what was seen is our own
 * handshake, and the answer says so.
 */
final class StreamTrial {

  private static final Logger LOG = Logger.getLogger(StreamTrial.class);
  private static final int TRIED_AGAIN = 2;
  private static final Duration BETWEEN = Duration.ofMillis(500);
  private static final String SYSTEM = "SELECT system_identifier::text FROM pg_control_system()";

  private final HbaLoader loader;
  private final AdmissionForecast forecast;
  private final StreamAttempt attempts;
  private final ServerAccess access;
  private final StreamWatch watch;

  StreamTrial(
      HbaLoader loader,
      AdmissionForecast forecast,
      StreamAttempt attempts,
      ServerAccess access,
      StreamWatch watch) {
    this.loader = loader;
    this.forecast = forecast;
    this.attempts = attempts;
    this.access = access;
    this.watch = watch;
  }

  /**
   * @param wanted what is about to be written
   * @return what was proved, as sentences
   * @throws PgsealException {@code LOCKOUT_RISK} when the stream would not come back
   */
  List<String> of(ServerUnderChange standby, ManagedServer upstream, PrimaryConninfo wanted) {
    List<String> proved = new ArrayList<>();
    rules(standby, upstream, wanted).ifPresent(proved::add);
    proved.add(connect(standby, upstream, wanted));
    return proved;
  }

  private Optional<String> rules(
      ServerUnderChange standby, ManagedServer upstream, PrimaryConninfo wanted) {
    Optional<Walsender> present =
        watch.walsenders(standby.session(), upstream).stream()
            .filter(w -> w.clientAddress() != null)
            .findFirst();
    Optional<String> user =
        wanted.get("user").or(() -> present.map(Walsender::username)).filter(u -> !u.isEmpty());
    if (present.isEmpty() || user.isEmpty()) {
      return Optional.empty();
    }
    String address = present.get().clientAddress();
    HbaDecision decision;
    try (PostgresSession session = access.borrow(upstream)) {
      decision =
          forecast.decide(
              session,
              loader.load(session).document(),
              address,
              Transport.TLS,
              "replication",
              user.get(),
              true);
    } catch (PgsealException e) {
      return Optional.of(
          "the rules of %s could not be asked: %s".formatted(upstream.name(), e.detail()));
    }
    String why = AdmissionForecast.explain(decision);
    if (!decision.admits() && !(decision instanceof HbaDecision.Undecidable)) {
      throw cutOff(
              standby,
              "The rules of %s refuse %s from %s over TLS: %s"
                  .formatted(upstream.name(), user.get(), address, why))
          .hint("Add a hostssl rule for the database replication, or let the host rule admit it");
    }
    return Optional.of(
        "rules of %s for %s from %s over TLS: %s"
            .formatted(upstream.name(), user.get(), address, why));
  }

  private String connect(
      ServerUnderChange standby, ManagedServer upstream, PrimaryConninfo wanted) {
    if (wanted.holdsSecret()) {
      return "not tried from the standby's host: the string holds a secret";
    }
    PrimaryConninfo trial =
        wanted
            .with("replication", "true")
            .with("connect_timeout", "5")
            .with("application_name", "pgseal trial");
    Optional<StreamAttempt.Answer> answer;
    try {
      answer = attempt(standby.session(), trial.text());
    } catch (PgsealException e) {
      return "not tried from the standby's host: " + e.detail();
    }
    if (answer.isEmpty()) {
      return "not tried from the standby's host, which has no psql: the handshake is pgseal's own";
    }
    answer
        .get()
        .refusal()
        .ifPresent(
            said -> {
              throw cutOff(
                      standby,
                      "The new connection to %s was tried from the standby's host and does not work: %s"
                          .formatted(upstream.name(), said))
                  .hint("The old stream still runs. Mend what libpq says, then try again");
            });
    Optional<String> there = answer.get().systemIdentifier();
    String own = standby.session().queryOne(SYSTEM, row -> row.getString(1)).orElse("");
    if (there.filter(system -> !system.equals(own)).isPresent()) {
      throw cutOff(
          standby,
          "The new connection leads to the system %s, the standby is of %s"
              .formatted(there.get(), own));
    }
    return there.isPresent()
        ? "connected for replication from the standby's host with sslmode=%s (%s)"
            .formatted(wanted.sslMode(), answer.get().program())
        : "the trial from the standby's host came to nothing (%s)"
            .formatted(answer.get().program());
  }

  /** One refusal may be of the moment, and takes the whole rollout back: it is tried again. */
  private Optional<StreamAttempt.Answer> attempt(PostgresSession standby, String conninfo) {
    Optional<StreamAttempt.Answer> answer = attempts.connect(standby, conninfo);
    for (int i = 0; i < TRIED_AGAIN; i++) {
      Optional<String> refusal = answer.flatMap(StreamAttempt.Answer::refusal);
      if (refusal.isEmpty()) {
        return answer;
      }
      LOG.warnf("A new primary_conninfo was refused, and is tried again: %s", refusal.get());
      Pause.of(BETWEEN);
      answer = attempts.connect(standby, conninfo);
    }
    return answer;
  }

  private static PgsealException cutOff(ServerUnderChange standby, String why) {
    return new PgsealException(ProblemType.LOCKOUT_RISK, why)
        .with("server", standby.server().name());
  }
}
