package dev.pgseal.testing;

import dev.pgseal.embedded.DirectoryTree;
import dev.pgseal.embedded.LoopbackPort;
import dev.pgseal.embedded.PostgresException;
import dev.pgseal.embedded.ServerFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a {@link PostgresServer} is to be like. */
public final class PostgresServerBuilder {

  private static final int PORT_ATTEMPTS = 5;

  private final int major;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final List<String> commandLine = new ArrayList<>();
  private String hba = PostgresServer.DEFAULT_HBA;
  private @Nullable String missingCommand;

  PostgresServerBuilder(int major) {
    this.major = major;
    settings.put("fsync", "off");
    settings.put("full_page_writes", "off");
    settings.put("shared_buffers", "16MB");
    settings.put("max_connections", "50");
    settings.put("lc_messages", "C");
    settings.put("log_checkpoints", "off");
    settings.put("authentication_timeout", "3s");
  }

  /** A line in postgresql.conf. */
  public PostgresServerBuilder setting(String name, String value) {
    settings.put(name, value);
    return this;
  }

  /** {@code shared_preload_libraries}, such as {@code pg_stat_statements}. */
  public PostgresServerBuilder preload(String... libraries) {
    return setting("shared_preload_libraries", String.join(",", libraries));
  }

  /**
   * Logs and collects all that PostgreSQL and its own extensions can: statements, parameters, also
   * of what fails. {@link PostgresServer#statements()} needs {@code CREATE EXTENSION
   * pg_stat_statements}.
   */
  public PostgresServerBuilder talkative() {
    preload("pg_stat_statements", "auto_explain");
    setting("log_statement", "all");
    setting("log_min_duration_statement", "0");
    setting("log_duration", "on");
    setting("log_min_messages", "debug1");
    setting("log_min_error_statement", "debug5");
    setting("log_parameter_max_length", "-1");
    setting("log_parameter_max_length_on_error", "-1");
    setting("track_activity_query_size", "100kB");
    setting("pg_stat_statements.track", "all");
    setting("pg_stat_statements.track_utility", "on");
    setting("auto_explain.log_min_duration", "0");
    setting("auto_explain.log_nested_statements", "on");
    setting("auto_explain.log_verbose", "on");
    return major >= 16 ? setting("auto_explain.log_parameter_max_length", "-1") : this;
  }

  /** As on a host that does not have this command. */
  public PostgresServerBuilder without(String command) {
    missingCommand = command;
    return this;
  }

  /** {@code -c name=value} on the command line: ALTER SYSTEM is accepted there but does nothing. */
  public PostgresServerBuilder commandLineSetting(String name, String value) {
    commandLine.add(name + "=" + value);
    return this;
  }

  /** The whole pg_hba.conf in place of {@link PostgresServer#DEFAULT_HBA}. */
  public PostgresServerBuilder hba(String text) {
    hba = text;
    return this;
  }

  /**
   * Starts it.
   *
   * @throws PostgresException when it does not come up, with its log; nothing is left behind then
   */
  public PostgresServer start() {
    try {
      for (int attempt = 1; ; attempt++) {
        PostgresServer server = prepare();
        try {
          server.start();
          if (server.listensOnItsHost() || attempt == PORT_ATTEMPTS) {
            return server;
          }
          server.close();
        } catch (PostgresException e) {
          server.close();
          if (attempt == PORT_ATTEMPTS || !e.portTaken()) {
            throw e;
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private PostgresServer prepare() throws IOException {
    Path template = ServerPlatform.chosen().template(major);
    Path directory = ServerDirectories.create();
    Path data = directory.resolve("data");
    DirectoryTree.copy(template, data);
    ServerFiles files = new ServerFiles(data);
    files.set(settings);
    Files.writeString(files.hba(), hba);
    Map<String, String> environment =
        missingCommand == null
            ? Map.of()
            : Map.of("PATH", CommandPath.without(missingCommand, directory.resolve("bin")));
    PostgresServer server =
        new PostgresServer(major, directory, LoopbackPort.free(), commandLine, environment);
    files.set(server.address());
    return server;
  }

  /** For a server whose logins must have more time, as on a crowded machine. */
  public PostgresServerBuilder authenticationTimeout(Duration timeout) {
    return setting("authentication_timeout", timeout.toSeconds() + "s");
  }
}
