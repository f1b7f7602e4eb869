package dev.pgseal.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Something to try pgseal on: a primary and a streaming standby as a careful administrator has them
 * before TLS. Everything asks for SCRAM, nothing for encryption, and the stream runs with libpq's
 * {@code sslmode=prefer}, as {@code pg_basebackup -R} would write it.
 *
 * <p>{@code authentication_timeout} is 5 s, so that no session judged by old rules can arrive 10 s
 * after a reload (POSTGRES.md F.4); PostgreSQL's own 60 s would make a rollout take two minutes.
 */
public final class Playground implements AutoCloseable {

  /** The database that clients use; it belongs to {@link #CLIENT}. */
  public static final String DATABASE = "shop";

  public static final String SUPERUSER = "postgres";
  public static final String CLIENT = "shop";
  public static final String REPLICATION = "replicator";

  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final int PORT_ATTEMPTS = 5;

  private static final String HBA =
      """
      # TYPE  DATABASE        USER            ADDRESS                 METHOD
      local   all             all                                     scram-sha-256
      # applications and administrators
      host    all             all             127.0.0.1/32            scram-sha-256
      host    all             all             ::1/128                 scram-sha-256
      # the standby
      host    replication     replicator      127.0.0.1/32            scram-sha-256
      """;

  private final PostgresBinaries binaries;
  private final Path directory;
  private final String password = RandomSecret.text();
  private final Server primary;
  private final Server standby;

  private Playground(PostgresBinaries binaries, Path directory) {
    this.binaries = binaries;
    this.directory = directory;
    this.primary = new Server("primary");
    this.standby = new Server("standby");
  }

  /**
   * Makes and starts both servers below {@code directory}.
   *
   * @throws PostgresException when one does not come up; none is left running then
   */
  public static Playground start(PostgresBinaries binaries, Path directory) {
    Playground playground = new Playground(binaries, directory);
    try {
      playground.startPrimary();
      playground.startStandby();
      return playground;
    } catch (IOException | SQLException e) {
      playground.close();
      throw new PostgresException("The playground cannot be set up: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      playground.close();
      throw e;
    }
  }

  public Server primary() {
    return primary;
  }

  public Server standby() {
    return standby;
  }

  public List<Server> servers() {
    return List.of(primary, standby);
  }

  /** Of every role, as this is a playground. */
  public String password() {
    return password;
  }

  /** Stops both servers; their directories stay. */
  @Override
  public void close() {
    servers().forEach(server -> server.process.stop(PostgresProcess.StopMode.IMMEDIATE, TIMEOUT));
  }

  private void startPrimary() throws IOException, SQLException {
    Path passwordFile = directory.resolve("superuser-password");
    Files.createDirectories(directory);
    new PrivateFile(passwordFile).createIfMissing(() -> password);
    primary.process.initialize(SUPERUSER, passwordFile, "--no-sync");
    primary
        .files()
        .set(
            Map.of(
                "listen_addresses", LoopbackPort.addresses(),
                "unix_socket_directories", "",
                "authentication_timeout", "5s",
                "log_checkpoints", "off"));
    Files.writeString(primary.files().hba(), HBA);
    primary.start();
    try (Connection connection = primary.connect(SUPERUSER, "postgres", Map.of());
        var statement = connection.createStatement()) {
      statement.execute("CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(CLIENT, password));
      statement.execute(
          "CREATE ROLE %s LOGIN REPLICATION PASSWORD '%s'".formatted(REPLICATION, password));
      statement.execute("CREATE DATABASE %s OWNER %s".formatted(DATABASE, CLIENT));
    }
  }

  private void startStandby() throws IOException {
    primary.process.stop(PostgresProcess.StopMode.FAST, TIMEOUT);
    DirectoryTree.copy(primary.process.dataDirectory(), standby.process.dataDirectory());
    primary.start();
    standby
        .files()
        .followAsStandby(
            "host=127.0.0.1 port=%d user=%s password=%s sslmode=prefer application_name=standby"
                .formatted(primary.port(), REPLICATION, password));
    standby.start();
  }

  /** One of the two servers. */
  public final class Server {
    private final String name;
    private final PostgresProcess process;
    private int port;

    private Server(String name) {
      this.name = name;
      this.process =
          new PostgresProcess(binaries, directory.resolve(name), directory.resolve(name + ".log"));
    }

    public String name() {
      return name;
    }

    public int port() {
      return port;
    }

    /** The whole server log. */
    public String log() {
      return process.log();
    }

    /**
     * A session of its own.
     *
     * @param properties further ones of pgjdbc, such as {@code sslmode}
     */
    public Connection connect(String user, String database, Map<String, String> properties)
        throws SQLException {
      return connect("127.0.0.1", user, database, properties);
    }

    /** The same by another of the server's names. */
    public Connection connect(
        String host, String user, String database, Map<String, String> properties)
        throws SQLException {
      var all = new Properties();
      all.putAll(
          Map.of(
              "user", user, "password", password, "connectTimeout", "10", "socketTimeout", "30"));
      all.putAll(properties);
      return DriverManager.getConnection(
          "jdbc:postgresql://%s:%d/%s".formatted(host, port, database), all);
    }

    private ServerFiles files() {
      return new ServerFiles(process.dataDirectory());
    }

    private void start() throws IOException {
      for (int attempt = 1; ; attempt++) {
        try {
          if (port == 0 || attempt > 1) {
            port = LoopbackPort.free();
          }
          files().set(Map.of("port", Integer.toString(port)));
          process.start(TIMEOUT);
          return;
        } catch (PostgresException e) {
          if (attempt == PORT_ATTEMPTS || !e.portTaken()) {
            throw e;
          }
        }
      }
    }
  }
}
