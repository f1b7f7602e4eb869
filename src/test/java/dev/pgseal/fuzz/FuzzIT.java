package dev.pgseal.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.contract.Answer;
import dev.pgseal.contract.Contract;
import dev.pgseal.contract.ContractOperation;
import dev.pgseal.it.Application;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Thousands of requests made from the OpenAPI document, against the packaged service with real
 * managed servers. Every operation gets its share; {@code -Dpgseal.seed=n} makes the same requests
 * again, {@code -Pfull} ten times as many.
 *
 * <p>Bounded by the number of requests, by 30 s for an answer, and by the time-out of the test.
 */
class FuzzIT {

  private static final long SEED = Long.getLong("pgseal.seed", 20_260_101L);
  private static final int REQUESTS =
      Integer.getInteger("pgseal.fuzz", 20_400) * (Boolean.getBoolean("pgseal.full") ? 10 : 1);
  private static final int CALLERS = 6;

  private static Application application;
  private static Fleet fleet;
  private static Things things;

  private final Contract contract = Contract.committed();
  private final Tally tally = new Tally();
  private final Map<String, String> faults = new LinkedHashMap<>();

  @BeforeAll
  static void start() {
    application = Application.start(Map.of("pgseal.rate-limit.enabled", "false"));
    fleet = new Fleet(application);
    things = fleet.prepare();
  }

  @AfterAll
  static void stop() {
    fleet.close();
    application.close();
  }

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void whateverIsSentTheAnswerIsInTheContractAndTheServersStayAsTheyAre() throws Exception {
    List<Map<String, String>> before = fleet.guarded().stream().map(Snapshot::of).toList();

    attack();

    System.out.println(tally);
    Files.write(Path.of("target", "fuzz-faults.txt"), faults.values());
    assertThat(faults.keySet()).as("seed %d; see target/fuzz-faults.txt", SEED).isEmpty();
    assertThat(tally.sent()).isGreaterThanOrEqualTo(20_000);
    assertThat(tally.past()).as("requests past validation").isGreaterThan(tally.sent() / 5);
    assertThat(tally.shallow()).as("operations that nothing came through to").isEmpty();
    for (int i = 0; i < before.size(); i++) {
      PostgresServer server = fleet.guarded().get(i);
      assertThat(Snapshot.of(server)).as(things.guarded().get(i)).isEqualTo(before.get(i));
    }
    assertThat(application.replica().log())
        .doesNotContain("OutOfMemoryError", "StackOverflowError", " ERROR ");
    assertThat(takenForChangesByHand()).as("writes outside a transaction").isEqualTo("0");
  }

  /** Nobody but the service wrote to this control database; every operation was called. */
  private static String takenForChangesByHand() {
    return application
        .controlDatabase()
        .query("select count(*) from audit_entry where actor like 'sql:%'");
  }

  private void attack() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        int number = caller;
        running.add(
            callers.submit(
                () -> {
                  call(number);
                  return null;
                }));
      }
      for (Future<?> caller : running) {
        caller.get();
      }
    } finally {
      callers.shutdownNow();
    }
  }

  private void call(int caller) {
    RequestMaker maker = new RequestMaker(contract, things, new Draw(SEED * CALLERS + caller));
    Judge judge = new Judge(contract, things);
    List<ContractOperation> operations = contract.operations();
    try (RawHttp http = new RawHttp(application.replica().baseUri())) {
      for (int i = caller; i < REQUESTS; i += CALLERS) {
        FuzzRequest request = maker.make(operations.get(i / CALLERS % operations.size()));
        exchange(http, judge, request);
      }
    }
  }

  private void exchange(RawHttp http, Judge judge, FuzzRequest request) {
    try {
      Answer answer = http.send(request);
      tally.count(request.operation().id(), answer.status());
      List<String> found = judge.faults(request, answer);
      if (!found.isEmpty()) {
        note(
            request.operation().id() + " " + answer.status() + " " + found.get(0),
            "%s%n  → %d %s %s%n  %s"
                .formatted(request, answer.status(), answer.contentType(), answer.body(), found));
      }
    } catch (IOException | RuntimeException e) {
      http.close();
      note(request.operation().id() + " " + e, request + "\n  → " + e);
    }
  }

  private static String brief(String text) {
    return text.length() > 1_000 ? text.substring(0, 1_000) + "…" : text;
  }

  /** What the log of the service has last on a request that failed inside. */
  private static String reason(Answer answer) {
    if (answer.status() != 500) {
      return "";
    }
    String log = application.replica().log();
    int begin = log.lastIndexOf(" failed, request ");
    return begin < 0 ? "" : "\n" + log.substring(begin, Math.min(log.length(), begin + 5_000));
  }

  /** One of each kind is enough. */
  private void note(String key, String fault) {
    synchronized (faults) {
      faults.putIfAbsent(key, fault);
    }
  }
}
