package dev.pgseal.bench;

import dev.pgseal.embedded.DirectoryTree;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/**
 * How many certificates a second {@code POST /v1/certificates} issues, stored and synced to disk,
 * for 8 callers, beside {@code cfssl serve}, which keeps nothing, when that is installed; and where
 * the time goes. {@code ./mvnw -Pbench} runs it.
 *
 * <p>System properties: {@code bench.application}, the {@code quarkus-run.jar}; {@code
 * bench.warmup} requests that do not count, {@code bench.requests} of a round and {@code
 * bench.rounds} of each contender, which take turns; {@code bench.jvm}, options for the service's
 * JVM.
 */
public final class IssuingBenchmark {

  private static final int CALLERS = 8;
  private static final int REQUESTS = Integer.getInteger("bench.requests", 8_000);
  private static final int WARM_UP = Integer.getInteger("bench.warmup", 20_000);
  private static final int ROUNDS = Integer.getInteger("bench.rounds", 4);

  private final PrintStream out = System.out;

  private IssuingBenchmark() {}

  public static void main(String... arguments) throws Exception {
    Path directory = Files.createTempDirectory("pgseal-bench-");
    try {
      new IssuingBenchmark().run(directory);
    } finally {
      DirectoryTree.delete(directory);
    }
  }

  private void run(Path directory) throws Exception {
    String csr = Csr.pem();
    try (Pgseal pgseal = Pgseal.start(directory)) {
      Optional<Cfssl> cfssl = Cfssl.start(directory);
      try {
        List<Contender> contenders = new ArrayList<>(List.of(pgseal));
        cfssl.ifPresent(contenders::add);
        out.printf(
            "%d processors, Java %s; %d callers, %d rounds of %d requests each in turn%n",
            Runtime.getRuntime().availableProcessors(),
            Runtime.version(),
            CALLERS,
            ROUNDS,
            REQUESTS);
        if (cfssl.isEmpty()) {
          out.println("cfssl is not installed (Debian: golang-cfssl): pgseal alone");
        }
        compare("For the key of a CSR", contenders, contender -> contender.sign(csr));
        compare("With a key made by the service", contenders, Contender::newKey);
        new Stages(out).measure(csr, pgseal.database());
      } finally {
        cfssl.ifPresent(Cfssl::close);
      }
    }
  }

  private void compare(
      String title, List<Contender> contenders, Function<Contender, HttpRequest> request)
      throws InterruptedException, ExecutionException, IOException {
    Map<Contender, List<Round>> rounds = new LinkedHashMap<>();
    for (Contender contender : contenders) {
      rounds.put(contender, new ArrayList<>());
      Round.run(contender, request.apply(contender), CALLERS, WARM_UP);
    }
    for (int i = 0; i < ROUNDS; i++) {
      for (Contender contender : contenders) {
        rounds
            .get(contender)
            .add(Round.run(contender, request.apply(contender), CALLERS, REQUESTS));
      }
    }
    out.printf("%n%s%n", title);
    rounds.forEach((contender, all) -> print(contender.name(), Round.sum(all)));
    if (contenders.size() == 2) {
      double ours = Round.sum(rounds.get(contenders.get(0))).perSecond();
      double theirs = Round.sum(rounds.get(contenders.get(1))).perSecond();
      out.printf("  ratio   %.2f%n", ours / theirs);
    }
  }

  private void print(String name, Round round) {
    out.printf(
        "  %-7s %6.0f/s   p50 %5.2f ms   p99 %6.2f ms   CPU %4.0f us each, %.0f of it the database%n",
        name,
        round.perSecond(),
        round.millisAt(0.5),
        round.millisAt(0.99),
        round.microsEach(round.cpu()),
        round.microsEach(round.databaseCpu()));
  }
}
