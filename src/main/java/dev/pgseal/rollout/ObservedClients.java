package dev.pgseal.rollout;

import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.tls.Drain;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who came in plaintext while TLS was offered, by user, application and address, and how they came
 * back.
 *
 * <p>A session that began before the observation says nothing of its client: it may be older than
 * the offer of TLS. One that began later does.
 */
final class ObservedClients {

  /** How somebody came back who had been there in plaintext. */
  enum Verdict {
    /** Over TLS: its plaintext session was only older than the offer. */
    STALE,
    /** In plaintext, though TLS is offered: it will be refused. */
    PLAINTEXT_BY_CHOICE,
    /** Not until now. */
    GONE,
    /** It never left: its sessions were in a transaction whenever they were looked at. */
    BUSY
  }

  private record Identity(String username, String applicationName, String clientAddress) {
    static Identity of(
        @Nullable Object username, @Nullable Object application, @Nullable Object address) {
      return new Identity(text(username), text(application), text(address));
    }

    private static String text(@Nullable Object value) {
      return value == null ? "" : value.toString();
    }
  }

  private static final class Client {
    private int recycled;
    private int sessions;
    private int sinceOffer;
    private @Nullable Instant plaintext;
    private @Nullable Instant tls;

    Verdict verdict() {
      if (sinceOffer > 0 || (plaintext != null && (tls == null || plaintext.isAfter(tls)))) {
        return Verdict.PLAINTEXT_BY_CHOICE;
      }
      if (tls != null) {
        return Verdict.STALE;
      }
      return sessions > 0 ? Verdict.BUSY : Verdict.GONE;
    }
  }

  private final Map<Identity, Client> clients = new LinkedHashMap<>();

  private ObservedClients() {}

  /**
   * @param report what {@link #report} made, in this process or another; null at the beginning
   */
  static ObservedClients of(@Nullable Object report) {
    ObservedClients known = new ObservedClients();
    for (Object entry : report instanceof List<?> list ? list : List.of()) {
      Map<?, ?> told = (Map<?, ?>) entry;
      Client client = new Client();
      client.recycled = ((Number) told.get("recycled")).intValue();
      client.plaintext = instant(told.get("lastPlaintextSession"));
      client.tls = instant(told.get("lastTlsSession"));
      known.clients.put(
          Identity.of(told.get("username"), told.get("applicationName"), told.get("clientAddress")),
          client);
    }
    return known;
  }

  private static @Nullable Instant instant(@Nullable Object text) {
    return text == null ? null : Instant.parse(text.toString());
  }

  /**
   * @param plaintext which sessions are in plaintext and would be refused
   * @param since when the observation began, by the server's clock; TLS was offered by then
   * @return when the last of them came; {@code lastCame} if none came after it
   */
  Instant look(
      List<ServerConnection> all,
      Predicate<ServerConnection> plaintext,
      Instant since,
      Instant lastCame) {
    clients.values().forEach(client -> client.sessions = 0);
    clients.values().forEach(client -> client.sinceOffer = 0);
    all.stream().filter(plaintext).forEach(connection -> sawPlaintext(connection, since));
    all.stream()
        .filter(c -> c.encryption() == Encryption.TLS && began(c, since))
        .forEach(this::sawTls);
    return clients.values().stream()
        .map(client -> client.plaintext)
        .filter(Objects::nonNull)
        .reduce(lastCame, (one, other) -> one.isBefore(other) ? other : one);
  }

  private void sawPlaintext(ServerConnection connection, Instant since) {
    Client client = clients.computeIfAbsent(identity(connection), identity -> new Client());
    client.sessions++;
    if (began(connection, since)) {
      client.sinceOffer++;
      client.plaintext = later(client.plaintext, connection.backendStart());
    }
  }

  private void sawTls(ServerConnection connection) {
    Client client = clients.get(identity(connection));
    if (client != null) {
      client.tls = later(client.tls, connection.backendStart());
    }
  }

  private static Instant later(@Nullable Instant one, @Nullable Instant other) {
    return one == null || one.isBefore(other) ? other : one;
  }

  /** Whether it is a session of the time of the observation. */
  static boolean began(ServerConnection connection, Instant since) {
    return connection.backendStart() != null && connection.backendStart().isAfter(since);
  }

  private static Identity identity(ServerConnection connection) {
    return Identity.of(
        connection.username(), connection.applicationName(), connection.clientAddress());
  }

  void recycled(List<Drain.Ended> ended) {
    for (Drain.Ended one : ended) {
      Client client =
          clients.get(Identity.of(one.username(), one.applicationName(), one.clientAddress()));
      if (client != null) {
        client.recycled++;
      }
    }
  }

  boolean isEmpty() {
    return clients.isEmpty();
  }

  /** All of them, as the job tells it and as {@link #of} reads it. */
  List<Map<String, Object>> report() {
    List<Map<String, Object>> report = new ArrayList<>();
    clients.forEach((identity, client) -> report.add(told(identity, client)));
    return List.copyOf(report);
  }

  /** Those who will be refused. */
  List<Map<String, Object>> byChoice() {
    return report().stream()
        .filter(told -> told.get("verdict").equals(Verdict.PLAINTEXT_BY_CHOICE.name()))
        .toList();
  }

  private static Map<String, Object> told(Identity identity, Client client) {
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("username", identity.username());
    told.put("applicationName", identity.applicationName());
    told.put("clientAddress", identity.clientAddress());
    told.put("verdict", client.verdict().name());
    told.put("plaintextSessions", client.sessions);
    told.put("recycled", client.recycled);
    if (client.plaintext != null) {
      told.put("lastPlaintextSession", client.plaintext.toString());
    }
    if (client.tls != null) {
      told.put("lastTlsSession", client.tls.toString());
    }
    return told;
  }
}
