package dev.pgseal.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgseal.testing.PostgresServer;
import io.restassured.RestAssured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Two replicas on one control database, of which the one that works is killed or frozen in
 * mid-step. The servers tell them apart by the addresses that they come from. {@code
 * -Dpgseal.seed=n} for the same instants again.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TakeoverIT {

  private static final long SEED = Long.getLong("pgseal.seed", System.nanoTime());
  private static final int PAIRS = 2;
  private static final String HOST = "managed.test";
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** From the kill until the other one has the job. */
  private static final Duration TAKEOVER = Duration.ofSeconds(15);

  private static final Pattern CHANGES =
      Pattern.compile("ALTER|COPY|pg_reload_conf|pg_terminate_backend.pid, \\$");

  private static final Pattern EXECUTION = Pattern.compile("'pgseal .*job/\\S+ #(\\d+)'");

  private static final String RULES =
      """
      local all all scram-sha-256
      host all,replication all 127.0.0.0/8 scram-sha-256
      host all,replication all ::1/128 scram-sha-256
      """;

  private final Random random = new Random(SEED);
  private final List<KillRun> runs = new ArrayList<>();
  private final List<Relay> relays = new ArrayList<>();
  private Application application;
  private Application.Replica worker;
  private Application.Replica other;
  private KillGates gates;
  private String authority;

  /** Jobs that the worker was at work on whenever it was frozen. */
  private long held;

  private @Nullable String workerName;

  @BeforeAll
  void start() throws SQLException {
    System.out.printf("TakeoverIT: -Dpgseal.seed=%d%n", SEED);
    application = Application.start(hosts("worker", Relay.ADDRESS));
    worker = application.replica();
    other = application.startReplica(hosts("other", "127.0.0.1"));
    to(worker);
    gates = new KillGates(application.controlDatabase());
    authority = Managed.authority();
    for (int i = 0; i < PAIRS; i++) {
      runs.add(new KillRun(pair(), application.controlDatabase()));
    }
  }

  private static Map<String, String> hosts(String replica, String address) {
    try {
      Path file = Files.createTempDirectory("pgseal-takeover").resolve(replica + ".hosts");
      Files.writeString(file, "%s %s%n127.0.0.1 localhost%n".formatted(address, HOST));
      return Map.of("jdk.net.hosts.file", file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private KillPair pair() {
    // the relays listen at once: the service looks at a server when it is registered
    return KillPair.start(
        PostgresServer.latest()
            .authenticationTimeout(Duration.ofSeconds(3))
            .hba(RULES)
            .setting("log_connections", "on")
            .setting("log_disconnections", "on")
            .setting("log_statement", "all")
            .setting("log_line_prefix", "'%m [%p] <%h> '"),
        false,
        HOST,
        server -> relays.add(new Relay(server.host(), server.port())));
  }

  private static void to(Application.Replica replica) {
    RestAssured.requestSpecification = replica.admin();
  }

  @Test
  @Order(1)
  void aReplicaThatFreezesIsReplacedAndChangesNothingWhenItWakesUpAfterTheEnd()
      throws SQLException {
    letWorkerRun("ENFORCED");
    requireTakenOver(freeze());
    finish();
    List<Map<String, String>> before = servers().map(TakeoverIT::fingerprint).toList();

    worker.thaw();

    awaitFenced();
    assertThat(servers().map(TakeoverIT::fingerprint)).containsExactlyElementsOf(before);
  }

  @Test
  @Order(2)
  void aReplicaThatIsKilledIsReplaced() throws SQLException {
    letWorkerRun("DISABLED");
    worker.kill();
    requireTakenOver(Instant.now());
    finish();
    worker.start();
  }

  @Test
  @Order(3)
  void aReplicaThatWakesUpWhileAnotherGoesOnChangesNothing() throws SQLException {
    letWorkerRun("ENFORCED");
    long frozen = requireTakenOver(freeze());
    List<String> logs = servers().map(PostgresServer::log).toList();

    worker.thaw();

    finish();
    awaitFenced();
    List<PostgresServer> all = servers().toList();
    for (int i = 0; i < all.size(); i++) {
      requireNoChange(all.get(i).log().substring(logs.get(i).length()), frozen);
    }
    runs.forEach(run -> run.pair().requireNobodyHarmed());
  }

  /** Rollouts begin on the worker and come to some instant; the other one looks on. */
  private void letWorkerRun(String target) throws SQLException {
    to(worker);
    other.freeze();
    for (KillRun run : runs) {
      run.add(new KillRun.Plan(target, List.of()));
      run.startNext(gates, authority);
    }
    await("the worker's claim")
        .pollInterval(Duration.ofMillis(20))
        .until(() -> runs.stream().allMatch(run -> run.events() > 1));
    workerName = await().until(runs.get(0)::holder, name -> name != null);
    other.thaw();
    KillRun chosen = runs.get(random.nextInt(runs.size()));
    long event = 3 + random.nextInt(target.equals("ENFORCED") ? 24 : 14);
    await("an event of a rollout")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> chosen.events() >= event);
    LockSupport.parkNanos(random.nextInt(100_000_000));
    to(other);
  }

  /**
   * @return the highest number of an execution that was the killed one's
   */
  private long requireTakenOver(Instant since) {
    runs.forEach(run -> run.hit(false));
    Map<KillRun, Long> before = new HashMap<>();
    runs.forEach(run -> before.put(run, run.fence()));
    await("takeover")
        .atMost(TAKEOVER.minus(Duration.between(since, Instant.now())))
        .until(() -> before.entrySet().stream().allMatch(e -> e.getKey().fence() > e.getValue()));
    System.out.printf(
        "TakeoverIT: at %s, taken over after %d ms%n",
        runs.stream().flatMap(run -> run.hits().stream()).map(KillRun.Hit::at).toList(),
        Duration.between(since, Instant.now()).toMillis());
    return Collections.max(before.values());
  }

  private void finish() {
    for (KillRun run : runs) {
      await("the end of a rollout").atMost(PATIENCE).until(run::hasEnded);
      run.settle();
    }
  }

  private Instant freeze() {
    Instant now = Instant.now();
    worker.freeze();
    // a job that waited for a moment may be with the other one by now
    held += runs.stream().filter(run -> Objects.equals(run.holder(), workerName)).count();
    return now;
  }

  /** The worker has woken up and has noticed for each job it held that it was replaced. */
  private void awaitFenced() {
    await("the worker has given up")
        .atMost(PATIENCE)
        .until(() -> worker.log().split("goes on in another execution", -1).length - 1 >= held);
  }

  private Stream<PostgresServer> servers() {
    return runs.stream().flatMap(run -> Stream.of(run.pair().primary(), run.pair().standby()));
  }

  /** All that pgseal may change on a server, and how often somebody asked for a reload. */
  private static Map<String, String> fingerprint(PostgresServer server) {
    Map<String, String> all = new TreeMap<>();
    Path data = server.dataDirectory();
    try (Stream<Path> files =
        Stream.concat(
            Stream.of(server.hbaFile(), data.resolve("postgresql.auto.conf")),
            Files.walk(data.resolve("pgseal")))) {
      for (Path file : files.toList()) {
        all.put(
            file.toString(),
            Files.getLastModifiedTime(file)
                + (Files.isRegularFile(file) ? Files.readString(file) : ""));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    all.put("reloads", "" + server.log().split("received SIGHUP", -1).length);
    return all;
  }

  /**
   * A session that is to change something is made quiet first, which is the last that the log has
   * of it: so none of the worker's may begin to be so. One that was quiet before has been ended by
   * the other replica. It may still ask for the lock, and for the end of what is older than it.
   *
   * @param frozen sessions of later executions are not meant: a replica that is awake may get a job
   *     that waited for a time
   */
  private static void requireNoChange(String log, long frozen) {
    Map<String, List<String>> sessions =
        log.lines()
            .filter(line -> line.contains("<" + Relay.ADDRESS + ">"))
            .collect(Collectors.groupingBy(line -> line.replaceFirst(".*? (\\[\\d+]) .*", "$1")));
    assertThat(sessions.values())
        .filteredOn(session -> session.stream().noneMatch(line -> isLater(line, frozen)))
        .allSatisfy(
            session ->
                assertThat(session)
                    .noneMatch(line -> CHANGES.matcher(line).find())
                    .noneMatch(line -> line.contains("set_config(name")));
  }

  private static boolean isLater(String line, long frozen) {
    Matcher execution = EXECUTION.matcher(line);
    return execution.find() && Long.parseLong(execution.group(1)) > frozen;
  }

  @AfterAll
  void stop() throws SQLException, InterruptedException {
    if (other == null) {
      return;
    }
    worker.thaw();
    other.thaw();
    gates.close();
    application.close();
    relays.forEach(Relay::close);
    for (KillRun run : runs) {
      run.pair().close();
    }
  }
}
