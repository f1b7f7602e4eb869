package dev.pgseal.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.restassured.RestAssured;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The service is killed at every boundary between steps and at random instants of rollouts up and
 * down, and each of them ends as if nothing had been. One kill hits the rollouts of several pairs
 * of servers at a time. {@code -Dpgseal.full=true} for 200 random instants, {@code -Dpgseal.seed=n}
 * for the same ones again.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KillIT {

  private static final long SEED = Long.getLong("pgseal.seed", System.nanoTime());
  private static final int INSTANTS = Boolean.getBoolean("pgseal.full") ? 200 : 20;
  private static final int PAIRS = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** Steps of a rollout of a primary and its standby; the tests say so when that is not so. */
  private static final int STEPS_UP = 15;

  private static final int STEPS_DOWN = 9;

  /** What is undone when the standby's rules cannot be converted. */
  private static final int UNDOS = 6;

  private Application application;
  private KillGates gates;
  private String authority;
  private final List<KillRun> runs = new ArrayList<>();
  private int kills;

  @BeforeAll
  void start() throws SQLException {
    application = Application.start();
    RestAssured.requestSpecification = application.replica().admin();
    gates = new KillGates(application.controlDatabase());
    authority = Managed.authority();
    Stream<Boolean> takenBack = IntStream.range(0, PAIRS).mapToObj(i -> i == PAIRS - 1);
    takenBack
        .parallel()
        .map(back -> KillPair.start(back))
        .map(pair -> new KillRun(pair, application.controlDatabase()))
        .forEachOrdered(runs::add);
  }

  @Test
  @Order(1)
  void aKillAtEveryBoundaryBetweenStepsChangesTheEndOfNoRollout() throws SQLException {
    int straight = PAIRS - 1;
    for (int i = 0; i < straight; i++) {
      runs.get(i).add(new KillRun.Plan("ENFORCED", every(straight, i, STEPS_UP)));
      runs.get(i).add(new KillRun.Plan("DISABLED", every(straight, straight - 1 - i, STEPS_DOWN)));
    }
    runs.get(straight)
        .add(
            new KillRun.Plan(
                "ENFORCED",
                IntStream.rangeClosed(0, UNDOS).mapToObj(KillGates.Boundary::back).toList()));

    while (runs.stream().anyMatch(run -> !run.exhausted())) {
      goOnToTheGates();
      if (runs.stream().anyMatch(KillRun::active)) {
        killAtTheGates();
      }
    }

    long planned = hits().filter(KillRun.Hit::atBoundary).count();
    assertThat(planned).isEqualTo(STEPS_UP + 1 + STEPS_DOWN + 1 + UNDOS + 1);
    runs.forEach(run -> run.pair().requireNobodyHarmed());
  }

  /** Every n-th boundary, those before the first step and behind the last one included. */
  private static List<KillGates.Boundary> every(int n, int first, int steps) {
    return IntStream.iterate(first, i -> i <= steps, i -> i + n)
        .mapToObj(KillGates.Boundary::forward)
        .toList();
  }

  /** Until each rollout waits at a boundary, or there is none left. */
  private void goOnToTheGates() throws SQLException {
    boolean waiting = false;
    while (!waiting) {
      for (KillRun run : runs) {
        run.startNext(gates, authority);
      }
      await("rollouts at their gates")
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(100))
          .until(
              () ->
                  runs.stream()
                      .filter(KillRun::active)
                      .allMatch(run -> run.hasEnded() || gates.reached(run.pair().name())));
      List<KillRun> ended = runs.stream().filter(KillRun::hasEnded).toList();
      ended.forEach(KillRun::settle);
      waiting = ended.isEmpty();
    }
  }

  private void killAtTheGates() {
    kill();
    runs.forEach(run -> run.hit(true));
    gates.openReached();
    restart();
  }

  @Test
  @Order(2)
  void aKillAtARandomInstantChangesTheEndOfNoRollout() throws SQLException {
    Random random = new Random(SEED);
    System.out.printf("KillIT: -Dpgseal.seed=%d%n", SEED);
    long before = hits().count();
    while (hits().count() - before < INSTANTS) {
      for (KillRun run : runs) {
        settleAndGoOn(run);
      }
      KillRun chosen = runs.get(random.nextInt(runs.size()));
      long event = chosen.events() + random.nextInt(30);
      await("an event of a rollout")
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> chosen.events() >= event || chosen.hasEnded());
      LockSupport.parkNanos(random.nextInt(300_000_000));
      kill();
      runs.forEach(run -> run.hit(false));
      restart();
    }
    for (KillRun run : runs) {
      if (run.active()) {
        await("the end of a rollout").atMost(PATIENCE).until(run::hasEnded);
        run.settle();
      }
    }
    runs.forEach(run -> run.pair().requireNobodyHarmed());
  }

  /** The kills hit the job that begins the rollouts of others, and those. */
  @Test
  @Order(3)
  void aKillInMidCourseOfAFleetBeginsNothingTwiceAndNothingBeyondMaxFailures() throws SQLException {
    try (KillFleet fleet = KillFleet.start(application.controlDatabase(), gates, authority)) {
      fleet.awaitBetweenTwoBegins();
      kill();
      fleet.letBegin();
      restart();
      fleet.awaitStopped();
      kill();
      gates.openReached();
      restart();
      fleet.requireWhole();
    }
  }

  private void settleAndGoOn(KillRun run) throws SQLException {
    if (run.active() && run.hasEnded()) {
      run.settle();
    }
    if (run.exhausted()) {
      boolean up = run.pair().takenBack() || run.ends().size() % 2 == 0;
      run.add(new KillRun.Plan(up ? "ENFORCED" : "DISABLED", List.of()));
    }
    run.startNext(gates, authority);
  }

  private void kill() {
    application.replica().kill();
    kills++;
  }

  /** The dead one would be missed after 8 s without a beat; that wait is another test's. */
  private void restart() {
    application
        .controlDatabase()
        .execute("update scheduled_tasks set last_heartbeat = now() - interval '1 h' where picked");
    application.replica().start();
  }

  private Stream<KillRun.Hit> hits() {
    return runs.stream().flatMap(run -> run.hits().stream());
  }

  @AfterAll
  void stop() throws SQLException, InterruptedException {
    System.out.println(table());
    gates.close();
    application.close();
    for (KillRun run : runs) {
      run.pair().close();
    }
  }

  /** Where the kills hit, and how the rollouts ended. */
  private String table() {
    Map<String, Map<String, Integer>> rows = new TreeMap<>();
    for (KillRun run : runs) {
      for (KillRun.Hit hit : run.hits()) {
        String where =
            "%s | %s | %s"
                .formatted(
                    hit.target(),
                    hit.atBoundary() ? "boundary" : "instant",
                    hit.at().replaceFirst(" \\+ .*", ""));
        String end =
            run.ends().stream()
                .filter(text -> text.startsWith(hit.job()))
                .map(text -> text.substring(text.indexOf(' ') + 1))
                .findFirst()
                .orElse("NOT ENDED");
        rows.computeIfAbsent(where, key -> new TreeMap<>()).merge(end, 1, Integer::sum);
      }
    }
    StringBuilder table = new StringBuilder();
    table.append("| rollout to | killed at | last event before it | ended |\n|---|---|---|---|\n");
    rows.forEach(
        (where, ends) ->
            table.append("| ").append(where).append(" | ").append(ends).append(" |\n"));
    long logins =
        runs.stream()
            .flatMap(run -> run.pair().logins().stream())
            .mapToLong(LoginWatch::logins)
            .sum();
    return "%s%d kills hit rollouts %d times; %d logins, none refused"
        .formatted(table, kills, hits().count(), logins);
  }
}
