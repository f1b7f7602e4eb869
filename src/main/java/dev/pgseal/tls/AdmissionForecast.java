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
   * @param decidedBy the rule's text with its line, or why nothing decides
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
      String decidedBy,
      boolean admittedOverTls) {}

  /** The live sessions, replication included, that {@code rules} would refuse. */
  public List<Refusal> refusals(PostgresSession session, HbaDocument rules) {
    Map<String, Set<String>> memberships = memberships(session);
    List<Refusal> refusals = new ArrayList<>();
    for (ServerConnection connection : connections.list(session)) {
      if (connection.username() == null
          || connection.encryption() == Encryption.UNKNOWN
          || connection.ofPgseal()) {
        continue;
      }
      HbaDecision decision =
          HbaMatcher.decide(rules, attempt(connection, connection.encryption(), memberships));
      if (!decision.admits()) {
        HbaDecision overTls =
            HbaMatcher.decide(rules, attempt(connection, Encryption.TLS, memberships));
        refusals.add(refusal(connection, decision, overTls.admits()));
      }
    }
    return refusals;
  }

  /**
   * Tells of a session of this server whether {@code rules} would refuse it if it came again as it
   * came; false for one that cannot be judged.
   */
  public Predicate<ServerConnection> refusedBy(PostgresSession session, HbaDocument rules) {
    Map<String, Set<String>> memberships = memberships(session);
    return connection ->
        connection.username() != null
            && connection.encryption() != Encryption.UNKNOWN
            && !HbaMatcher.decide(rules, attempt(connection, connection.encryption(), memberships))
                .admits();
  }

  /**
   * What {@code rules} decide for our own login, coming from where {@code session} comes from.
   *
   * @param tls whether it comes over TLS
   */
  public HbaDecision ownLogin(
      PostgresSession session, HbaDocument rules, String username, String database, boolean tls) {
    String address =
        session
            .queryOne("SELECT host(inet_client_addr())", row -> row.getString(1))
            .orElse("127.0.0.1");
    return HbaMatcher.decide(
        rules,
        ConnectionAttempt.tcp(
                inet(address), tls ? Transport.TLS : Transport.PLAINTEXT, database, username)
            .withRoles(memberships(session).getOrDefault(username, Set.of())));
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
    attempt = attempt.withRoles(memberships(session).getOrDefault(username, Set.of()));
    return HbaMatcher.decide(
        rules, physicalReplication ? attempt.asPhysicalReplication() : attempt);
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
      ServerConnection connection, HbaDecision decision, boolean admittedOverTls) {
    return new Refusal(
        connection.pid(),
        connection.backendStart(),
        connection.username(),
        connection.database(),
        connection.applicationName(),
        connection.clientAddress(),
        connection.encryption(),
        explain(decision),
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

  private static InetAddress inet(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new PgsealException(
          ProblemType.VALIDATION_FAILED, literal + " is no IPv4 or IPv6 address", e);
    }
  }
}
