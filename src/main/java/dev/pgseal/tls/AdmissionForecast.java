package dev.pgseal.tls;

import dev.pgseal.hba.ConnectionAttempt;
import dev.pgseal.hba.HbaDecision;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaMatcher;
import dev.pgseal.hba.HbaRule;
import dev.pgseal.hba.HbaText;
import dev.pgseal.hba.Transport;
import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.LoginTarget;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Who would be refused by rules that are not loaded yet, if they came again as they came now. */
@ApplicationScoped
public class AdmissionForecast {

  private static final String MEMBERSHIPS =
      """
      WITH RECURSIVE membership(member, roleid) AS (
        SELECT member, roleid FROM pg_auth_members
        UNION
        SELECT m.member, a.roleid
        FROM membership m JOIN pg_auth_members a ON a.member = m.roleid)
      SELECT u.rolname, r.rolname
      FROM membership m JOIN pg_roles u ON u.oid = m.member JOIN pg_roles r ON r.oid = m.roleid
      """;

  private final ServerConnections connections;

  public AdmissionForecast(ServerConnections connections) {
    this.connections = connections;
  }

  /**
   * A live session that the rules would not admit again.
   *
   * @param decidedBefore the same as {@code decidedBy}, of the rules that lie there now
   * @param decidedBy the rule's text with its line, or why nothing decides
   * @param certain whether that is known; else the rules hang on what only the server can tell,
   *     such as DNS
   * @param admittedOverTls the same client would be admitted if it came over TLS
   */
  @Schema(name = "AdmissionRefusal")
  public record Refusal(
      int pid,
      Instant backendStart,
      @Nullable String username,
      @Nullable String database,
      @Nullable String applicationName,
      @Nullable String clientAddress,
      Encryption encryption,
      String decidedBefore,
      String decidedBy,
      boolean certain,
      boolean admittedOverTls) {}

  /**
   * What new rules mean for the sessions that are there now, if each came again as it came.
   *
   * @param sessions all of them but pgseal's own
   * @param admitted those that the new rules admit
   * @param hidden those that could not be judged, because our role may not see how they came
   * @param refused the others
   */
  @Schema(name = "SessionsEffect")
  public record Effect(int sessions, int admitted, int hidden, List<Refusal> refused) {}

  /** The effect on the live sessions, replication included, of going from one to the other. */
  public Effect effect(PostgresSession session, HbaDocument before, HbaDocument after) {
    Map<String, Set<String>> memberships = memberships(session);
    List<Refusal> refusals = new ArrayList<>();
    int hidden = 0;
    int all = 0;
    for (ServerConnection connection : connections.list(session)) {
      if (connection.ofPgseal()) {
        continue;
      }
      all++;
      if (connection.username() == null || connection.encryption() == Encryption.UNKNOWN) {
        hidden++;
        continue;
      }
      ConnectionAttempt attempt = attempt(connection, connection.encryption(), memberships);
      HbaDecision decision = HbaMatcher.decide(after, attempt);
      if (!decision.admits()) {
        HbaDecision overTls =
            HbaMatcher.decide(after, attempt(connection, Encryption.TLS, memberships));
        refusals.add(
            refusal(connection, HbaMatcher.decide(before, attempt), decision, overTls.admits()));
      }
    }
    return new Effect(all, all - hidden - refusals.size(), hidden, List.copyOf(refusals));
  }

  /** What {@code rules} decide for a session whose user can be seen, if it came as it came. */
  public Function<ServerConnection, HbaDecision> judge(PostgresSession session, HbaDocument rules) {
    Map<String, Set<String>> memberships = memberships(session);
    return connection ->
        HbaMatcher.decide(rules, attempt(connection, connection.encryption(), memberships));
  }

  /**
   * Tells of a session of this server whether {@code rules} would refuse it if it came again as it
   * came; false for one that cannot be judged.
   */
  public Predicate<ServerConnection> refusedBy(PostgresSession session, HbaDocument rules) {
    Function<ServerConnection, HbaDecision> judge = judge(session, rules);
    return connection ->
        connection.username() != null
            && connection.encryption() != Encryption.UNKNOWN
            && !judge.apply(connection).admits();
  }

  /**
   * What {@code rules} decide for our own login, coming from where {@code session} comes from.
   *
   * @param tls whether it comes over TLS
   */
  public HbaDecision ownLogin(
      PostgresSession session, HbaDocument rules, String username, String database, boolean tls) {
    return HbaMatcher.decide(
        rules,
        ConnectionAttempt.tcp(
                ownAddress(session), tls ? Transport.TLS : Transport.PLAINTEXT, database, username)
            .withRoles(memberships(session).getOrDefault(username, Set.of())));
  }

  /**
   * What {@code rules} decide for our own login in plaintext.
   *
   * @param physicalReplication as a physical replication connection
   */
  HbaDecision ownPlaintext(
      PostgresSession session, HbaDocument rules, LoginTarget login, boolean physicalReplication) {
    ConnectionAttempt attempt =
        ConnectionAttempt.tcp(
                ownAddress(session), Transport.PLAINTEXT, login.database(), login.username())
            .withRoles(memberships(session).getOrDefault(login.username(), Set.of()));
    return HbaMatcher.decide(
        rules, physicalReplication ? attempt.asPhysicalReplication() : attempt);
  }

  /** Where we come from, as the server sees it. */
  public static InetAddress ownAddress(PostgresSession session) {
    return inet(
        session
            .queryOne("SELECT host(inet_client_addr())", row -> row.getString(1))
            .orElse("127.0.0.1"));
  }

  /**
   * What {@code rules} decide for any connection.
   *
   * @param clientAddress an IP literal; null for a Unix socket
   * @throws PgsealException {@code VALIDATION_FAILED} for what is no literal, and for an address
   *     over a Unix socket or none over TCP
   */
  public HbaDecision decide(
      PostgresSession session,
      HbaDocument rules,
      @Nullable String clientAddress,
      @Nullable Transport transport,
      String database,
      String username,
      boolean physicalReplication) {
    ConnectionAttempt attempt =
        attempt(clientAddress, transport, database, username, physicalReplication)
            .withRoles(memberships(session).getOrDefault(username, Set.of()));
    return HbaMatcher.decide(rules, attempt);
  }

  /**
   * Any connection, of which nothing is known but this.
   *
   * @param clientAddress an IP literal; null for a Unix socket
   * @throws PgsealException as {@link #decide}
   */
  public static ConnectionAttempt attempt(
      @Nullable String clientAddress,
      @Nullable Transport transport,
      String database,
      String username,
      boolean physicalReplication) {
    if (transport != null && (clientAddress == null) != (transport == Transport.LOCAL)) {
      throw new PgsealException(
              ProblemType.VALIDATION_FAILED,
              "clientAddress and the transport LOCAL exclude each other, and any other needs one")
          .with("field", "transport")
          .hint("Leave both out for a Unix socket");
    }
    Transport over = transport == null ? Transport.PLAINTEXT : transport;
    ConnectionAttempt attempt =
        clientAddress == null
            ? ConnectionAttempt.local(database, username)
            : ConnectionAttempt.tcp(literal(clientAddress), over, database, username);
    return physicalReplication ? attempt.asPhysicalReplication() : attempt;
  }

  /** The deciding rule with its line, or why nothing decides. */
  public static String explain(HbaDecision decision) {
    if (decision instanceof HbaDecision.Decided decided) {
      HbaRule rule = decided.rule();
      return "line " + rule.line() + ": " + HbaText.toShown(rule.text().strip());
    }
    if (decision instanceof HbaDecision.Undecidable undecidable) {
      return "cannot be told beforehand: " + undecidable.reason();
    }
    return "no line matches";
  }

  private static Refusal refusal(
      ServerConnection connection,
      HbaDecision before,
      HbaDecision decision,
      boolean admittedOverTls) {
    return new Refusal(
        connection.pid(),
        connection.backendStart(),
        connection.username(),
        connection.database(),
        connection.applicationName(),
        connection.clientAddress(),
        connection.encryption(),
        explain(before),
        explain(decision),
        !(decision instanceof HbaDecision.Undecidable),
        admittedOverTls);
  }

  private static ConnectionAttempt attempt(
      ServerConnection connection, Encryption encryption, Map<String, Set<String>> memberships) {
    String username = String.valueOf(connection.username());
    String database = connection.database() == null ? username : connection.database();
    ConnectionAttempt attempt =
        connection.clientAddress() == null
            ? ConnectionAttempt.local(database, username)
            : ConnectionAttempt.tcp(
                inet(connection.clientAddress()), transport(encryption), database, username);
    attempt = attempt.withRoles(memberships.getOrDefault(username, Set.of()));
    return connection.physicalReplication() ? attempt.asPhysicalReplication() : attempt;
  }

  private static Transport transport(Encryption encryption) {
    return switch (encryption) {
      case TLS -> Transport.TLS;
      case GSS -> Transport.GSS;
      case PLAINTEXT, LOCAL, UNKNOWN -> Transport.PLAINTEXT;
    };
  }

  private static Map<String, Set<String>> memberships(PostgresSession session) {
    Map<String, Set<String>> memberships = new HashMap<>();
    session
        .query(MEMBERSHIPS, row -> Map.entry(row.getString(1), row.getString(2)))
        .forEach(
            e -> memberships.computeIfAbsent(e.getKey(), k -> new HashSet<>()).add(e.getValue()));
    return memberships;
  }

  /** Only literals: a name must not make this host ask DNS for a caller. */
  private static InetAddress literal(String address) {
    if (!address.matches("[0-9a-fA-F:.]+") || !address.matches(".*[.:].*")) {
      throw new PgsealException(
              ProblemType.VALIDATION_FAILED, "clientAddress must be an IPv4 or IPv6 literal")
          .with("field", "clientAddress")
          .hint("Such as 10.1.2.3 or fd00::7");
    }
    return inet(address);
  }

  static InetAddress inet(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new PgsealException(
          ProblemType.VALIDATION_FAILED, literal + " is no IPv4 or IPv6 address", e);
    }
  }
}
