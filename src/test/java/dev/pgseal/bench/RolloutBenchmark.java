package dev.pgseal.bench;

import dev.pgseal.embedded.DirectoryTree;
import dev.pgseal.testing.ByHand;
import dev.pgseal.testing.CommandPath;
import dev.pgseal.testing.PostgresServer;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * From plaintext to hostssl, for 1, 10 and 30 servers with a standby and twenty sessions each: by
 * {@code bench/by-hand} (two at a time), by Ansible where it is installed, and by rollouts. Each
 * contender gets servers of its own that are alike; all is measured in one run. {@code ./mvnw
 * -Pbench-rollout} runs it.
 *
 * <p>System properties: {@code bench.application}, {@code bench.servers} (such as {@code 1,10,30}).
 */
public final class RolloutBenchmark {

  private static final int AT_A_TIME = 2;

  private final PrintStream out = System.out;
  private final Path directory;

  private RolloutBenchmark(Path directory) {
    this.directory = directory;
  }

  public static void main(String... arguments) throws Exception {
    Path directory = Files.createTempDirectory("pgseal-rollout-");
    try {
      RolloutBenchmark benchmark = new RolloutBenchmark(directory);
      for (String number : System.getProperty("bench.servers", "1,10,30").split(",")) {
        benchmark.run(Integer.parseInt(number.strip()));
      }
    } finally {
      DirectoryTree.delete(directory);
    }
  }

  /** One way to hostssl. */
  private interface Way {
    Measured go(List<Cluster> clusters) throws Exception;
  }

  /**
   * @param wall until every server was enforced
   * @param proved until no straggler could be left; null for ways that do not look
   * @param cpu of the way's own processes, not of the servers
   */
  private record Measured(Duration wall, @Nullable Duration proved, Duration cpu) {}

  private void run(int number) throws Exception {
    out.printf(
        "%n%d servers with a standby and %d sessions each; %d processors%n",
        number, Cluster.SESSIONS, Runtime.getRuntime().availableProcessors());
    if (ByHand.possible()) {
      row("by hand", number, RolloutBenchmark::byHand);
    }
    if (CommandPath.has("ansible-playbook")) {
      row("Ansible", number, this::ansible);
    } else {
      out.println("  Ansible is not installed");
    }
    if (number == 1) {
      row("rollout, the first of a fresh service", number, this::firstRollout);
    }
    row("rollout", number, this::rollout);
  }

  private void row(String name, int number, Way way) throws Exception {
    List<Cluster> clusters = Cluster.start(number);
    try {
      Measured measured = way.go(clusters);
      long enforced = clusters.stream().filter(Cluster::enforced).count();
      out.printf(
          Locale.ROOT,
          "  %-38s %7.2f s   proved after %7s   CPU %7.2f s   %d enforced   %d sessions ended, %d refused%n",
          name,
          seconds(measured.wall()),
          measured.proved() == null ? "never" : "%.2f s".formatted(seconds(measured.proved())),
          seconds(measured.cpu()),
          enforced,
          clusters.stream().mapToInt(Cluster::sessionsEnded).sum(),
          clusters.stream().mapToInt(Cluster::refused).sum());
    } finally {
      clusters.forEach(Cluster::close);
    }
  }

  private static Measured byHand(List<Cluster> clusters) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
    long began = System.nanoTime();
    List<Future<Duration>> scripts =
        threads.invokeAll(
            clusters.stream()
                .<Callable<Duration>>map(
                    c -> () -> Command.cpuOf(ByHand.command(c.primary, c.standby)))
                .toList());
    Duration wall = Duration.ofNanos(System.nanoTime() - began);
    threads.shutdown();
    Duration cpu = Duration.ZERO;
    for (Future<Duration> script : scripts) {
      cpu = cpu.plus(script.get());
    }
    return new Measured(wall, null, cpu);
  }

  private Measured ansible(List<Cluster> clusters) throws Exception {
    StringBuilder inventory = new StringBuilder("[primaries]\n");
    clusters.forEach(c -> host(inventory, "primary", c.primary));
    inventory.append("[standbys]\n");
    clusters.forEach(c -> host(inventory, "standby", c.standby));
    Path file = Files.writeString(directory.resolve("inventory"), inventory);
    long began = System.nanoTime();
    Duration cpu =
        Command.cpuOf(
            List.of(
                "ansible-playbook",
                "-i",
                file.toString(),
                "-f",
                Integer.toString(AT_A_TIME),
                "bench/hostssl.yml"));
    return new Measured(Duration.ofNanos(System.nanoTime() - began), null, cpu);
  }

  private static void host(StringBuilder inventory, String role, PostgresServer server) {
    inventory.append(
        "%s-%d ansible_connection=local ansible_python_interpreter=/usr/bin/python3 pg_port=%d pg_data=%s%n"
            .formatted(role, server.port(), server.port(), server.dataDirectory()));
  }

  /** A service that has done one before, on other servers, as one that has run for a while. */
  private Measured rollout(List<Cluster> clusters) throws Exception {
    try (Cluster warmUp = Cluster.start();
        Pgseal pgseal = Pgseal.start(Files.createTempDirectory(directory, "service"))) {
      RolloutCaller caller = new RolloutCaller(pgseal);
      enforce(caller, List.of(warmUp));
      return measured(pgseal, caller, clusters);
    }
  }

  private Measured firstRollout(List<Cluster> clusters) throws Exception {
    try (Pgseal pgseal = Pgseal.start(Files.createTempDirectory(directory, "service"))) {
      return measured(pgseal, new RolloutCaller(pgseal), clusters);
    }
  }

  private static Measured measured(Pgseal pgseal, RolloutCaller caller, List<Cluster> clusters)
      throws Exception {
    Duration before = pgseal.cpu();
    long began = System.nanoTime();
    Duration enforced = enforce(caller, clusters);
    return new Measured(
        enforced, Duration.ofNanos(System.nanoTime() - began), pgseal.cpu().minus(before));
  }

  /**
   * @return time from the first request until the last server was enforced
   */
  private static Duration enforce(RolloutCaller caller, List<Cluster> clusters) throws Exception {
    List<List<String>> names = new ArrayList<>();
    for (Cluster cluster : clusters) {
      names.add(List.of(caller.register(cluster.primary), caller.register(cluster.standby)));
    }
    List<String> jobs = new ArrayList<>();
    for (List<String> servers : names) {
      jobs.add(caller.enforce(servers));
    }
    Instant first = Instant.MAX;
    Instant last = Instant.MIN;
    for (String job : jobs) {
      RolloutCaller.Finished finished = caller.await(job);
      first = finished.createdAt().isBefore(first) ? finished.createdAt() : first;
      last = finished.enforcedAt().isAfter(last) ? finished.enforcedAt() : last;
    }
    return Duration.between(first, last);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
