package dev.pgseal.bench;

import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A command with all that it starts, and the CPU time that those took. */
final class Command {

  private Command() {}

  /**
   * @return user and system time of the command and its descendants
   */
  static Duration cpuOf(List<String> command) throws IOException, InterruptedException {
    List<String> timed =
        new ArrayList<>(List.of("bash", "-c", "TIMEFORMAT='cpu %U %S'; time \"$@\""));
    timed.add("bash");
    timed.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(timed).redirectErrorStream(true);
    builder.environment().put("PGUSER", PostgresServer.SUPERUSER);
    builder.environment().put("PGPASSWORD", PostgresServer.PASSWORD);
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IllegalStateException(command + ": " + output);
    }
    String[] times = output.substring(output.lastIndexOf("cpu ") + 4).strip().split(" ");
    double seconds = Double.parseDouble(times[0]) + Double.parseDouble(times[1]);
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
