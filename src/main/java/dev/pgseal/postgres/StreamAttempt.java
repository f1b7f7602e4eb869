package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Tries a connection string for replication from a server's own host, with the psql that is
 * installed there: the same network, files, user and, where it lies beside the server, the same
 * libpq as the walreceiver has.
 */
@ApplicationScoped
public class StreamAttempt {

  private static final String BINDIR = "SELECT setting FROM pg_config WHERE name = 'BINDIR'";

  /** How libpq begins when a server refused it, or it refused the server. */
  private static final List<String> REFUSALS =
      List.of("connection to server", "could not connect to server", "FATAL:", "root certificate");

  /** Would pass with the stream that runs now out of the way. */
  private static final List<String> BUSY =
      List.of(
          "max_wal_senders",
          "too many clients",
          "remaining connection slots",
          "too many connections");

  /**
   * @param program its version line
   * @param systemIdentifier of who answered; empty when nobody did
   * @param refusal what libpq said; empty when it connected, or when it is no word on the string
   */
  public record Answer(
      String program, Optional<String> systemIdentifier, Optional<String> refusal) {}

  /**
   * Connects, asks {@code IDENTIFY_SYSTEM} and leaves.
   *
   * @param conninfo with {@code replication=true} and a {@code connect_timeout}; without any
   *     secret, since it stands on a command line
   * @return empty where there is no psql
   */
  public Optional<Answer> connect(PostgresSession standby, String conninfo) {
    byte[] output =
        new ScriptRunner(standby)
            .output(
                ServerScript.TRY_STREAM,
                "The new primary_conninfo cannot be tried",
                new ScriptInput().header(conninfo).header(bindir(standby)));
    List<String> lines = new String(output, StandardCharsets.UTF_8).lines().toList();
    if (lines.size() < 2 || !lines.get(lines.size() - 1).startsWith("ended ")) {
      return Optional.empty();
    }
    String program = lines.get(0);
    String said = String.join(" ", lines.subList(1, lines.size() - 1)).strip();
    if (lines.get(lines.size() - 1).equals("ended 0")) {
      String system = said.contains("|") ? said.substring(0, said.indexOf('|')) : "";
      return Optional.of(
          new Answer(program, Optional.of(system).filter(s -> !s.isEmpty()), Optional.empty()));
    }
    boolean refused =
        REFUSALS.stream().anyMatch(said::contains) && BUSY.stream().noneMatch(said::contains);
    return Optional.of(
        new Answer(program, Optional.empty(), Optional.of(said).filter(s -> refused)));
  }

  private static String bindir(PostgresSession standby) {
    try {
      return standby.queryOne(BINDIR, row -> row.getString(1)).orElse("/nowhere");
    } catch (PgsealException e) {
      return "/nowhere"; // pg_config is for superusers; psql may be on the path
    }
  }
}
