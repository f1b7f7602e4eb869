package dev.pgseal.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The script {@code bench/by-hand}: the way to hostssl that blog posts have. */
public final class ByHand {

  private static final Path SCRIPT = Path.of("bench", "by-hand");

  private ByHand() {}

  /** openssl and psql are there. */
  public static boolean possible() {
    return Stream.of("openssl", "psql", "bash").allMatch(CommandPath::has);
  }

  /** The arguments of the script for a primary with one standby or none. */
  public static List<String> command(PostgresServer primary, PostgresServer... standby) {
    List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString(), primary.host()));
    for (PostgresServer server : Stream.concat(Stream.of(primary), Stream.of(standby)).toList()) {
      command.add(Integer.toString(server.port()));
      command.add(server.dataDirectory().toString());
    }
    return command;
  }

  /**
   * @param primary with one standby or none
   */
  public static void run(PostgresServer primary, PostgresServer... standby) {
    ProcessBuilder builder =
        new ProcessBuilder(command(primary, standby)).redirectErrorStream(true);
    builder.environment().put("PGUSER", PostgresServer.SUPERUSER);
    builder.environment().put("PGPASSWORD", PostgresServer.PASSWORD);
    try {
      Process process = builder.start();
      String output = new String(process.getInputStream().readAllBytes());
      if (process.waitFor() != 0) {
        throw new IllegalStateException("bench/by-hand: " + output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
