package dev.pgseal.demo;

import dev.pgseal.embedded.Playground;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks at the playground directly: over SQL as superuser, and on the wire. */
final class Observer {

  private static final String SESSIONS =
      """
      SELECT count(*) FILTER (WHERE leg = 'plaintext'),
             count(*) FILTER (WHERE leg = 'plaintext' AND backend_type = 'walsender'),
             count(*) FILTER (WHERE leg = 'tls'),
             count(*) FILTER (WHERE leg = 'tls' AND backend_type = 'walsender'),
             count(*) FILTER (WHERE leg = 'unknown')
      FROM (SELECT a.backend_type,
                   CASE WHEN a.client_port IS NULL THEN 'unknown'
                        WHEN a.client_addr IS NULL THEN 'local'
                        WHEN s.ssl THEN 'tls'
                        ELSE 'plaintext' END AS leg
            FROM pg_stat_activity a LEFT JOIN pg_stat_ssl s USING (pid)
            WHERE a.backend_type IN ('client backend', 'walsender')
              AND a.state IS DISTINCT FROM 'starting'
              AND a.pid <> pg_backend_pid()) sessions
      """;

  private final Playground playground;
  private final BusyClients clients;
  private final Path bundle;

  /**
   * @param bundle the trust anchors as downloaded, PEM
   */
  Observer(Playground playground, BusyClients clients, Path bundle) {
    this.playground = playground;
    this.clients = clients;
    this.bundle = bundle;
  }

  Snapshot look() throws IOException, SQLException {
    List<List<Long>> acknowledged = clients.acknowledged();
    awaitReplay();
    Map<String, Snapshot.OneServer> servers = new LinkedHashMap<>();
    for (Playground.Server server : playground.servers()) {
      servers.put(server.name(), look(server, acknowledged));
    }
    return new Snapshot(
        servers, acknowledged.stream().mapToInt(List::size).sum(), clients.interruptions());
  }

  /** Waits until the standby streams, which after a cut may take a retry interval of 5 s. */
  void awaitStreaming() {
    Waiting.until(
        "The stream to the standby",
        Duration.ofSeconds(30),
        () -> {
          try (Connection connection = superuser(playground.primary())) {
            return query(connection, "SELECT state FROM pg_stat_replication")
                .equals(List.of("streaming"));
          }
        });
  }

  private Snapshot.OneServer look(Playground.Server server, List<List<Long>> acknowledged)
      throws IOException, SQLException {
    WireProbe wire = new WireProbe("127.0.0.1", server.port());
    return new Snapshot.OneServer(
        sessions(server),
        missing(server, acknowledged),
        fingerprint(wire),
        wire.plaintextLogin(Playground.CLIENT, Playground.DATABASE, false),
        wire.plaintextLogin(Playground.REPLICATION, "", true),
        verifyFull(server));
  }

  private Snapshot.Sessions sessions(Playground.Server server) throws SQLException {
    try (Connection connection = superuser(server);
        var statement = connection.createStatement();
        var row = statement.executeQuery(SESSIONS)) {
      row.next();
      return new Snapshot.Sessions(
          row.getInt(1), row.getInt(2), row.getInt(3), row.getInt(4), row.getInt(5));
    }
  }

  private List<String> missing(Playground.Server server, List<List<Long>> acknowledged)
      throws SQLException {
    Set<String> found;
    try (Connection connection =
        server.connect(Playground.SUPERUSER, Playground.DATABASE, Map.of())) {
      found = new HashSet<>(query(connection, "SELECT client || '/' || seq FROM orders"));
    }
    List<String> missing = new ArrayList<>();
    for (int client = 0; client < acknowledged.size(); client++) {
      for (long sequence : acknowledged.get(client)) {
        String commit = client + "/" + sequence;
        if (!found.contains(commit)) {
          missing.add(commit);
        }
      }
    }
    return missing;
  }

  private Snapshot.VerifyFull verifyFull(Playground.Server server) throws SQLException {
    Map<String, String> properties =
        Map.of("sslmode", "verify-full", "sslrootcert", bundle.toString());
    try (Connection connection =
        server.connect("localhost", Playground.CLIENT, Playground.DATABASE, properties)) {
      String protocol =
          query(connection, "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()").get(0);
      return new Snapshot.VerifyFull(protocol, protocol);
    } catch (SQLException e) {
      return new Snapshot.VerifyFull("", String.valueOf(e.getMessage()));
    }
  }

  /** So that a commit on the primary is only missed on the standby when it is lost. */
  private void awaitReplay() throws SQLException {
    String position;
    try (Connection connection = superuser(playground.primary())) {
      position = query(connection, "SELECT pg_current_wal_flush_lsn()").get(0);
    }
    Waiting.until(
        "The standby's replay up to " + position,
        Duration.ofSeconds(30),
        () -> {
          try (Connection connection = superuser(playground.standby())) {
            return query(
                    connection, "SELECT pg_last_wal_replay_lsn() >= '" + position + "'::pg_lsn")
                .get(0)
                .equals("t");
          }
        });
  }

  private static Connection superuser(Playground.Server server) throws SQLException {
    return server.connect(Playground.SUPERUSER, "postgres", Map.of());
  }

  private static List<String> query(Connection connection, String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }

  private static String fingerprint(WireProbe wire) throws IOException {
    X509Certificate leaf = wire.servedCertificate().orElse(null);
    if (leaf == null) {
      return "none";
    }
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }
}
