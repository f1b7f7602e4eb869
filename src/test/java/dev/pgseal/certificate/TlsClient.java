package dev.pgseal.certificate;

import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Logs in with {@code sslmode=verify-full} and a client certificate, in libpq and in pgjdbc. Hosts
 * are never looked up: the connection goes to the server whatever its certificate says.
 */
final class TlsClient implements AutoCloseable {

  private static final String SESSION =
      "select version, client_serial::text from pg_stat_ssl where pid = pg_backend_pid()";

  private final PostgresServer server;
  private final Connection libpq;
  private final Path directory;

  /**
   * @param session what pg_stat_ssl says of it
   */
  record Session(String protocol, String clientSerial) {}

  /** libpq is that of the server's own binaries, which dblink uses. */
  TlsClient(PostgresServer server) throws SQLException, IOException {
    this.server = server;
    this.directory = Files.createDirectories(server.socketDirectory().resolve("client"));
    this.libpq =
        server.connect(
            PostgresServer.SUPERUSER,
            Map.of("password", PostgresServer.PASSWORD, "sslmode", "disable"));
    try (var statement = libpq.createStatement()) {
      statement.execute("create extension if not exists dblink");
    }
  }

  /** A session that no certificate can hinder. */
  Connection administrator() {
    return libpq;
  }

  /** What is trusted, believed revoked, and shown, from now on. */
  void use(
      String bundle, List<RevocationList> lists, IssuedCertificate certificate, KeyMaterial key)
      throws IOException {
    Files.writeString(file("root.crt"), bundle);
    Files.writeString(
        file("root.crl"), lists.stream().map(RevocationList::pem).collect(Collectors.joining()));
    Files.writeString(file("client.crt"), certificate.chainPem());
    secret("client.key", key.pkcs8Pem());
    secret("client.pk8", key.privateKey().getEncoded());
  }

  Session libpq(String host, boolean channelBinding) throws SQLException {
    Map<String, String> conninfo = new TreeMap<>(Map.of("host", host, "hostaddr", server.host()));
    conninfo.put("port", Integer.toString(server.port()));
    conninfo.put("dbname", "postgres");
    conninfo.put("user", PostgresServer.SUPERUSER);
    conninfo.put("password", PostgresServer.PASSWORD);
    conninfo.put("sslmode", "verify-full");
    conninfo.put("channel_binding", channelBinding ? "require" : "disable");
    conninfo.put("sslrootcert", file("root.crt").toString());
    conninfo.put("sslcrl", file("root.crl").toString());
    conninfo.put("sslcert", file("client.crt").toString());
    conninfo.put("sslkey", file("client.key").toString());
    String text =
        conninfo.entrySet().stream()
            .map(entry -> "%s='%s'".formatted(entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(" "));
    try (var statement =
        libpq.prepareStatement("select * from dblink(?, ?) as t(version text, serial text)")) {
      statement.setString(1, text);
      statement.setString(2, SESSION);
      return session(statement.executeQuery());
    }
  }

  Session pgjdbc(String host, boolean channelBinding) throws SQLException {
    Properties properties = new Properties();
    properties.put("user", PostgresServer.SUPERUSER);
    properties.put("password", PostgresServer.PASSWORD);
    properties.put("sslmode", "verify-full");
    properties.put("channelBinding", channelBinding ? "require" : "disable");
    properties.put("sslrootcert", file("root.crt").toString());
    properties.put("sslcert", file("client.crt").toString());
    properties.put("sslkey", file("client.pk8").toString());
    properties.put("gssEncMode", "disable");
    properties.put("socketFactory", LoopbackSockets.class.getName());
    properties.put("socketFactoryArg", Integer.toString(server.port()));
    String url =
        "jdbc:postgresql://%s/postgres".formatted(host.contains(":") ? "[" + host + "]" : host);
    try (Connection connection = DriverManager.getConnection(url, properties);
        var statement = connection.createStatement()) {
      return session(statement.executeQuery(SESSION));
    }
  }

  private static Session session(ResultSet rows) throws SQLException {
    rows.next();
    return new Session(rows.getString(1), rows.getString(2));
  }

  private Path file(String name) {
    return directory.resolve(name);
  }

  private void secret(String name, byte[] content) throws IOException {
    Files.write(file(name), content);
    Files.setPosixFilePermissions(
        file(name), Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
  }

  @Override
  public void close() throws SQLException {
    libpq.close();
  }
}
