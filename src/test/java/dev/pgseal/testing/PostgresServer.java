package dev.pgseal.testing;

import static org.awaitility.Awaitility.await;

import dev.pgseal.embedded.DirectoryTree;
import dev.pgseal.embedded.LoopbackPort;
import dev.pgseal.embedded.PostgresProcess.StopMode;
import dev.pgseal.embedded.ServerFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL of a chosen major, in plaintext until a test changes it.
 *
 * <p>It listens on 127.0.0.1, on ::1 where the machine has it, and on a Unix socket in {@link
 * #socketDirectory()}; the superuser is {@link #SUPERUSER} with {@link #PASSWORD}; every line of
 * pg_hba.conf asks for SCRAM ({@link #DEFAULT_HBA}). It runs with {@code fsync=off} and {@code
 * authentication_timeout=3s}, so that stragglers of an old pg_hba.conf are gone after 6 s. Settings
 * stand in postgresql.conf, hence ALTER SYSTEM overrides them.
 */
public final class PostgresServer implements AutoCloseable {

  public static final String SUPERUSER = "postgres";
  public static final String PASSWORD = "password-of-the-superuser";
  public static final String REPLICATION_USER = "replicator";
  public static final String REPLICATION_PASSWORD = "password-of-the-standby";

  /** As a careful administrator would have it before TLS. */
  public static final String DEFAULT_HBA =
      """
      # TYPE  DATABASE        USER            ADDRESS                 METHOD
      local   all             all                                     scram-sha-256
      host    all             all             127.0.0.1/32            scram-sha-256
      host    all             all             ::1/128                 scram-sha-256
      host    replication     all             127.0.0.1/32            scram-sha-256
      host    replication     all             ::1/128                 scram-sha-256
      """;

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final Path directory;
  private final int major;
  private final int port;
  private final List<String> commandLine;
  private final ServerProcess process;

  PostgresServer(
      int major,
      Path directory,
      int port,
      List<String> commandLine,
      Map<String, String> environment) {
    this.major = major;
    this.directory = directory;
    this.port = port;
    this.commandLine = List.copyOf(commandLine);
    this.process = ServerPlatform.chosen().process(major, directory, environment);
  }

  public static PostgresServerBuilder builder(int major) {
    return new PostgresServerBuilder(major);
  }

  /** The newest major that this run has, for tests that need only one. */
  public static int latestMajor() {
    return ServerPlatform.chosen().latest();
  }

  /** A server of {@link #latestMajor()}. */
  public static PostgresServerBuilder latest() {
    return new PostgresServerBuilder(latestMajor());
  }

  /** A server with the defaults. */
  public static PostgresServer start(int major) {
    return builder(major).start();
  }

  public int major() {
    return major;
  }

  /** Always 127.0.0.1; ::1 has the same port. */
  public String host() {
    return "127.0.0.1";
  }

  public int port() {
    return port;
  }

  public Path dataDirectory() {
    return process.dataDirectory();
  }

  public Path hbaFile() {
    return files().hba();
  }

  /** Private, and short enough for the 107 bytes of a socket's path. */
  public Path socketDirectory() {
    return directory;
  }

  /** The socket itself, for a {@code UnixDomainSocketAddress}. */
  public Path socket() {
    return directory.resolve(".s.PGSQL." + port);
  }

  /** The whole server log. */
  public String log() {
    return process.log();
  }

  /** The texts that {@code pg_stat_statements} has collected. */
  public String statements() {
    return String.valueOf(query("SELECT string_agg(query, E'\\n') FROM pg_stat_statements"));
  }

  public String hba() {
    return read(hbaFile());
  }

  /** Writes pg_hba.conf behind pgseal's back; it counts after {@link #reload()}. */
  public void writeHba(String text) {
    write(hbaFile(), text);
  }

  /** Appends to postgresql.conf behind pgseal's back; it counts after {@link #reload()}. */
  public void set(String setting, String value) {
    try {
      files().set(Map.of(setting, value));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * {@code pg_reload_conf()}, and waits until the postmaster has read its files: a connection that
   * is opened later is only accepted after that (POSTGRES.md F.3). Whether it took them, and admits
   * anybody, is another question.
   */
  public void reload() {
    execute("SELECT pg_reload_conf()");
    try (Connection afterwards = connect()) {
      afterwards.getMetaData();
    } catch (SQLException refused) {
      // Refused by the rules that are loaded now: read they are.
    }
  }

  public void start() {
    process.start(TIMEOUT, commandLine);
  }

  /** PostgreSQL is content with one of several addresses; tests need this one. */
  boolean listensOnItsHost() {
    return process.listenAddress().equals(host());
  }

  public void stop() {
    process.stop(StopMode.FAST, TIMEOUT);
  }

  /**
   * Stops and starts it.
   *
   * @throws dev.pgseal.embedded.PostgresException when its files do not let it start again
   */
  public void restart() {
    stop();
    start();
  }

  /**
   * A URL for pgjdbc without a password.
   *
   * @param sslmode as libpq knows it, such as {@code prefer}
   */
  public String jdbcUrl(String user, String sslmode) {
    return "jdbc:postgresql://%s:%d/postgres?user=%s&sslmode=%s"
        .formatted(host(), port, user, sslmode);
  }

  /** The superuser's session, {@code sslmode=prefer}. */
  public Connection connect() throws SQLException {
    return connect(SUPERUSER, PASSWORD, "prefer");
  }

  public Connection connect(String user, String password, String sslmode) throws SQLException {
    return connect(user, Map.of("password", password, "sslmode", sslmode));
  }

  /**
   * @param properties of pgjdbc, such as {@code password}, {@code sslmode}, {@code ApplicationName}
   */
  public Connection connect(String user, Map<String, String> properties) throws SQLException {
    Properties all = new Properties();
    all.put("loginTimeout", "20");
    all.putAll(properties);
    return DriverManager.getConnection(
        jdbcUrl(user, properties.getOrDefault("sslmode", "prefer")), all);
  }

  /** Runs statements as superuser, each in its own transaction. */
  public void execute(String... statements) {
    try (Connection connection = connect();
        var statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The first column of the first row as text, asked as superuser; null for no row or NULL. */
  public @Nullable String query(String sql) {
    try (Connection connection = connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getString(1) : null;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * A hot standby that streams from this server with {@code sslmode=prefer}, made from a cold copy:
   * this server is restarted, which ends its sessions. Waits until it streams.
   *
   * @param applicationName of its walsender in {@code pg_stat_replication}
   */
  public PostgresServer standby(String applicationName) {
    try {
      return new StandbyMaker(this).make(applicationName);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public PostgresServer standby() {
    return standby("standby");
  }

  /** Waits until a standby has replayed all that is committed here now. */
  public void awaitReplayedBy(PostgresServer standby) {
    String position = query("SELECT pg_current_wal_flush_lsn()");
    await("replay")
        .atMost(TIMEOUT)
        .until(
            () ->
                "t".equals(standby.query("SELECT pg_last_wal_replay_lsn() >= '" + position + "'")));
  }

  /** Stops the server and removes all of it. */
  @Override
  public void close() {
    process.remove(TIMEOUT);
    try {
      DirectoryTree.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Map<String, String> address() {
    return Map.of(
        "port", Integer.toString(port),
        "listen_addresses", LoopbackPort.addresses(),
        "unix_socket_directories", directory.toString());
  }

  private ServerFiles files() {
    return new ServerFiles(process.dataDirectory());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
