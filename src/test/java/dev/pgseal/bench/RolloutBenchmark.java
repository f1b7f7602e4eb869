package dev.pgseal.bench;

import dev.pgseal.embedded.DirectoryTree;
import dev.pgseal.testing.ByHand;
import dev.pgseal.testing.CommandPath;
import dev.pgseal.testing.PostgresServer;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * From plaintext to hostssl, for 1, 10 and 30 servers with a standby and twenty sessions each: by
 * {@code bench/by-hand} (two at a time), by Ansible where it is installed, and by one rollout. Each
 * contender gets servers of its own that are alike; all is measured in one run. {@code ./mvnw
 * -Pbench-rollout} runs it.
 *
 * <p>System properties: {@code bench.application}, {@code bench.servers} (such as {@code 1,10,30}),
 * {@code bench.ways} (a regular expression for the names of the ways; all).
 */
public final class RolloutBenchmark {

  private static final com.sun.management.OperatingSystemMXBean OWN =
      ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
  private static final int AT_A_TIME = 2;
  private static final int WARM_UP = Integer.getInteger("bench.warm-up", 5);

  /**
   * As the other ways: nobody is observed before. The default observes for five seconds how clients
   * come back, and that is waiting.
   */
  private static final Map<String, Object> LOOK_ONCE =
      Map.of("observe", Map.of("quietFor", "PT0S"));

  private final PrintStream out = System.out;
  private final Path directory;
  private List<RolloutCaller.Step> steps = List.of();

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
   * @param cpu of the way's own processes
   * @param servers CPU time of the managed servers, with what was run on them
   * @param clients CPU time of their applications (and of whoever asks for the rollouts)
   */
  private record Measured(
      Duration wall, @Nullable Duration proved, Duration cpu, Duration servers, Duration clients) {}

  /** What the servers and their clients have used; asked again when a way is through. */
  private record Surroundings(List<Cluster> clusters, Duration servers, Duration clients) {
    static Surroundings of(List<Cluster> clusters) {
      return new Surroundings(
          clusters,
          clusters.stream()
              .flatMap(cluster -> Stream.of(cluster.primary, cluster.standby))
              .map(server -> ProcessTree.ofPostmaster(server.dataDirectory()))
              .reduce(Duration.ZERO, Duration::plus),
          Duration.ofNanos(OWN.getProcessCpuTime()));
    }

    Measured measured(Duration wall, @Nullable Duration proved, Duration cpu) {
      Surroundings now = of(clusters);
      return new Measured(
          wall, proved, cpu, now.servers.minus(servers), now.clients.minus(clients));
    }
  }

  private void run(int number) throws Exception {
    out.printf(
        "%n%d servers with a standby and %d sessions each; %d processors%n",
        number, Cluster.SESSIONS, Runtime.getRuntime().availableProcessors());
    row("sessions ended and opened again", number, RolloutBenchmark::reconnect);
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
      row("rollout, clients observed (default)", number, this::observingRollout);
    }
    row("rollout", number, this::rollout);
    whereTheTimeWent();
  }

  private void row(String name, int number, Way way) throws Exception {
    if (!name.matches(System.getProperty("bench.ways", ".*"))) {
      return;
    }
    List<Cluster> clusters = Cluster.start(number);
    try {
      Measured measured = way.go(clusters);
      long enforced = clusters.stream().filter(Cluster::enforced).count();
      out.printf(
          Locale.ROOT,
          "  %-38s %7.2f s   proved after %8s   CPU %7.2f s (servers %.2f s, their clients %.2f s)   %d enforced   %d sessions ended, %d refused%n",
          name,
          seconds(measured.wall()),
          measured.proved() == null ? "never" : "%.2f s".formatted(seconds(measured.proved())),
          seconds(measured.cpu()),
          seconds(measured.servers()),
          seconds(measured.clients()),
          enforced,
          clusters.stream().mapToInt(Cluster::sessionsEnded).sum(),
          clusters.stream().mapToInt(Cluster::refused).sum());
    } finally {
      clusters.forEach(Cluster::close);
    }
  }

  /** What no way can do without: the sessions are ended, on servers without TLS, and come back. */
  private static Measured reconnect(List<Cluster> clusters) {
    Surroundings before = Surroundings.of(clusters);
    long began = System.nanoTime();
    clusters.forEach(Cluster::endSessions);
    clusters.forEach(Cluster::awaitSessionsBack);
    return before.measured(Duration.ofNanos(System.nanoTime() - began), null, Duration.ZERO);
  }

  private static Measured byHand(List<Cluster> clusters) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
    Surroundings before = Surroundings.of(clusters);
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
    return before.measured(wall, null, cpu);
  }

  private Measured ansible(List<Cluster> clusters) throws Exception {
    StringBuilder inventory = new StringBuilder("[primaries]\n");
    clusters.forEach(c -> host(inventory, "primary", c.primary));
    inventory.append("[standbys]\n");
    clusters.forEach(c -> host(inventory, "standby", c.standby));
    Path file = Files.writeString(directory.resolve("inventory"), inventory);
    Surroundings before = Surroundings.of(clusters);
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
    return before.measured(Duration.ofNanos(System.nanoTime() - began), null, cpu);
  }

  private static void host(StringBuilder inventory, String role, PostgresServer server) {
    inventory.append(
        "%s-%d ansible_connection=local ansible_python_interpreter=/usr/bin/python3 pg_port=%d pg_data=%s%n"
            .formatted(role, server.port(), server.port(), server.dataDirectory()));
  }

  /** A service that has done some before, on other servers, as one that has run for a while. */
  private Measured rollout(List<Cluster> clusters) throws Exception {
    return warm(clusters, LOOK_ONCE);
  }

  private Measured observingRollout(List<Cluster> clusters) throws Exception {
    return warm(clusters, Map.of());
  }

  private Measured warm(List<Cluster> clusters, Map<String, Object> options) throws Exception {
    try (Cluster warmUp = Cluster.start();
        Pgseal pgseal = Pgseal.start(Files.createTempDirectory(directory, "service"))) {
      RolloutCaller caller = new RolloutCaller(pgseal);
      List<String> servers = caller.register(warmUp);
      for (int i = 0; i < WARM_UP; i++) {
        caller.await(caller.enforce(servers, LOOK_ONCE));
        caller.await(caller.disable(servers));
      }
      return measured(pgseal, caller, clusters, options);
    }
  }

  private Measured firstRollout(List<Cluster> clusters) throws Exception {
    try (Pgseal pgseal = Pgseal.start(Files.createTempDirectory(directory, "service"))) {
      return measured(pgseal, new RolloutCaller(pgseal), clusters, LOOK_ONCE);
    }
  }

  private Measured measured(
      Pgseal pgseal, RolloutCaller caller, List<Cluster> clusters, Map<String, Object> options)
      throws Exception {
    Surroundings surroundings = Surroundings.of(clusters);
    Duration before = pgseal.cpu();
    long began = System.nanoTime();
    Duration enforced = enforce(caller, clusters, options);
    Duration proved = Duration.ofNanos(System.nanoTime() - began);
    return surroundings.measured(enforced, proved, pgseal.cpu().minus(before));
  }

  /**
   * One job for all.
   *
   * @return time from the request until the last server was enforced
   */
  private Duration enforce(
      RolloutCaller caller, List<Cluster> clusters, Map<String, Object> options) throws Exception {
    List<String> servers = new ArrayList<>();
    for (Cluster cluster : clusters) {
      servers.addAll(caller.register(cluster));
    }
    Instant first = Instant.now();
    RolloutCaller.Finished finished = caller.await(caller.enforce(servers, options));
    steps = finished.steps();
    return Duration.between(first, finished.enforcedAt());
  }

  /** The steps of the last job of the row before. */
  private void whereTheTimeWent() {
    for (RolloutCaller.Step step : steps) {
      out.printf(
          Locale.ROOT,
          "    %-20s %-10s began after %6d ms, took %6d ms%n",
          step.kind(),
          step.server(),
          step.began().toMillis(),
          step.took().toMillis());
    }
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
