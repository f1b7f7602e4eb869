package dev.pgseal.rollout;

import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerClock;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.tls.AdmissionForecast;
import dev.pgseal.tls.Drain;
import dev.pgseal.tls.RefusedSessions;
import dev.pgseal.tls.RulesConversion;
import dev.pgseal.tls.SessionsToEnd;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One turn of looking at who comes in plaintext while TLS is offered.
 *
 * <p>Sessions from before are ended once, when they are idle, so that their clients show how they
 * come back; never one in a transaction. Physical walsenders are left: their standby's {@code
 * primary_conninfo} decides. Logical ones are ended one at a time. Sessions that the new rules
 * would still admit, excluded ones, and pgseal's own are no finding.
 */
final class ClientObservation {

  /** Key in {@code observed}: when it began, by the server's clock. */
  static final String SINCE = "since";

  private static final String LAST_CAME = "lastPlaintext";
  private static final String LOOKS = "looks";
  private static final String CLIENTS = "clients";

  /** What it works with. */
  record Tools(
      ServerConnections connections,
      Drain drain,
      RulesConversion conversion,
      RefusedSessions refused,
      AdmissionForecast forecast,
      ReplicationReport replication) {}

  private final Tools tools;
  private final StepContext<RolloutRequest> context;
  private final PostgresSession session;
  private final SessionsToEnd toEnd;
  private final Predicate<ServerConnection> refused;
  private final ObservedClients clients;
  private final Instant since;
  private Instant now;
  private Instant lastCame;
  private int looks;
  private List<ServerConnection> all = List.of();

  /**
   * @param before what an earlier turn reported
   */
  ClientObservation(
      Tools tools,
      StepContext<RolloutRequest> context,
      PostgresSession session,
      Map<String, Object> before) {
    this.tools = tools;
    this.context = context;
    this.session = session;
    RulesConversion.Plan plan =
        tools.conversion().planEnforce(session, context.request().conversionOptions());
    toEnd =
        context
            .request()
            .sessionsToEnd(tools.refused().of(session, plan.rules(), plan.exemptions()));
    Predicate<ServerConnection> byRules = tools.forecast().refusedBy(session, plan.rules());
    refused = toEnd.and(c -> !c.ofPgseal() && !c.physicalReplication()).and(byRules);
    now = ServerClock.now(session);
    since = instant(before.get(SINCE), now);
    lastCame = instant(before.get(LAST_CAME), since);
    looks = before.get(LOOKS) instanceof Number number ? number.intValue() : 0;
    clients = ObservedClients.of(before.get(CLIENTS));
  }

  private static Instant instant(@Nullable Object text, Instant otherwise) {
    return text == null ? otherwise : Instant.parse(text.toString());
  }

  /**
   * @param recycle whether sessions from before are ended
   */
  void look(boolean recycle) {
    int known = clients.byChoice().size();
    now = ServerClock.now(session);
    all = tools.connections().list(session);
    looks++;
    lastCame = clients.look(all, refused, since, lastCame);
    if (recycle) {
      recycle();
    }
    List<Map<String, Object>> byChoice = clients.byChoice();
    if (byChoice.size() > known) {
      context.note(
          "clients come in plaintext though TLS is offered: they will be refused",
          Map.of(CLIENTS, byChoice));
    }
  }

  private void recycle() {
    Predicate<ServerConnection> older = refused.and(c -> !ObservedClients.began(c, since));
    if (all.stream().noneMatch(older)) {
      return;
    }
    List<Drain.Ended> ended = new ArrayList<>(tools.drain().endIdle(session, older));
    if (all.stream().anyMatch(older.and(ServerConnection::walsender))) {
      ended.addAll(tools.drain().endWalsenders(session, older, true));
    }
    if (!ended.isEmpty()) {
      clients.recycled(ended);
      lastCame = ServerClock.now(session);
      context.note(
          "idle plaintext sessions were ended, to see how their clients come back",
          Map.of("sessions", ended.stream().map(SessionReport::of).toList()));
    }
  }

  /**
   * Nobody is known to insist on plaintext, and for long enough nobody came in plaintext or was
   * ended. A session that stays in a transaction is waited for when it is drained, not here.
   */
  boolean isQuiet() {
    Observation asked = context.request().observation();
    Duration needed = clients.isEmpty() && asked.quietFor() == null ? Duration.ZERO : asked.quiet();
    return clients.byChoice().isEmpty() && Duration.between(lastCame, now).compareTo(needed) >= 0;
  }

  boolean isOver() {
    return Duration.between(since, now).compareTo(context.request().observation().limit()) >= 0;
  }

  /** Those who will be refused. */
  List<Map<String, Object>> byChoice() {
    return clients.byChoice();
  }

  /**
   * @param outcome in words; null while it goes on
   */
  Map<String, Object> report(@Nullable String outcome) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put(SINCE, since.toString());
    report.put("until", now.toString());
    report.put(LAST_CAME, lastCame.toString());
    report.put(LOOKS, looks);
    if (outcome != null) {
      report.put("outcome", outcome);
    }
    report.put(CLIENTS, clients.report());
    report.put("sessionsByEncryption", SessionReport.byEncryption(all));
    List<Map<String, Object>> excluded = SessionReport.clients(all, toEnd::leaves);
    if (!excluded.isEmpty()) {
      report.put("excluded", excluded);
    }
    List<Map<String, Object>> streams = tools.replication().of(session);
    if (!streams.isEmpty()) {
      report.put("replication", streams);
    }
    return report;
  }
}
