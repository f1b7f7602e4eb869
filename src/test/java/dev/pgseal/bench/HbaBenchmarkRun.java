package dev.pgseal.bench;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaLint;
import dev.pgseal.hba.HbaProof;
import dev.pgseal.hba.LintOptions;
import dev.pgseal.hba.ProofOptions;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * {@code ./mvnw -Pbench-hba}: {@link HbaBenchmark} by JMH, and in the same run what a real server
 * needs to read the same file for {@code pg_hba_file_rules}.
 */
public final class HbaBenchmarkRun {

  private static final int MOST = 100_000;
  private static final int ROUNDS = 9;

  /** So that no parse is thrown away. */
  private static volatile long rules;

  private HbaBenchmarkRun() {}

  public static void main(String[] arguments) throws Exception {
    HbaServerTimes times = HbaServerTimes.measure(10, 1_000, MOST);
    Map<Integer, Double> server = times.micros();
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(HbaBenchmark.class.getName())
                    .jvmArgs("-Xms1g", "-Xmx1g", "-XX:+UseSerialGC")
                    .build())
            .run();
    Map<Integer, Double> parse = micros(results, "parse");
    Map<Integer, Double> evaluate = micros(results, "evaluate");
    System.out.printf(
        "%n%10s %26s %26s %34s%n", "rules", "parse", "evaluate", "count(*) on pg_hba_file_rules");
    parse.forEach(
        (rules, micros) ->
            System.out.printf(
                "%10d %s %s %s, ratio %.2f%n",
                rules,
                rate(rules, micros),
                rate(rules, evaluate.get(rules)),
                rate(rules, server.get(rules)),
                micros / server.get(rules)));
    linear("parse", parse);
    linear("evaluate", evaluate);
    cpu(times.cpuMillis());
    oneShot();
  }

  private static String rate(int rules, double micros) {
    return "%,10.2f ms %,11.0f/s".formatted(micros / 1_000, rules / micros * 1e6);
  }

  private static void linear(String what, Map<Integer, Double> micros) {
    double each = micros.get(MOST) / MOST / (micros.get(1_000) / 1_000);
    System.out.printf(
        "%s: a rule takes %.2f times as long among %,d as among 1,000%n", what, each, MOST);
  }

  private static Map<Integer, Double> micros(Collection<RunResult> results, String benchmark) {
    var micros = new TreeMap<Integer, Double>();
    for (RunResult result : results) {
      if (result.getParams().getBenchmark().endsWith("." + benchmark)) {
        micros.put(
            Integer.valueOf(result.getParams().getParam("rules")),
            result.getPrimaryResult().getScore());
      }
    }
    return micros;
  }

  /**
   * CPU of all threads, the collector's too, and of the backend: what a busy machine leaves true.
   */
  private static void cpu(double server) {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    byte[] content = HbaRules.file(MOST);
    long warm = 0;
    for (int i = 0; i < 3 * ROUNDS; i++) {
      if (i == 2 * ROUNDS) {
        warm = system.getProcessCpuTime();
      }
      rules += HbaDocument.parse(content, HbaRules.MAJOR).rules().size();
    }
    double ours = (system.getProcessCpuTime() - warm) / 1e6 / ROUNDS;
    System.out.printf(
        "CPU for %,d rules: parse %.0f ms, PostgreSQL's backend %.0f ms, ratio %.2f%n",
        MOST, ours, server, ours / server);
  }

  /** What walks over pairs of rules: once each. */
  private static void oneShot() {
    for (int rules : new int[] {1_000, 10_000, MOST}) {
      HbaDocument document = HbaDocument.parse(HbaRules.file(rules), HbaRules.MAJOR);
      double proof = millis(() -> HbaProof.plaintextDoors(document, ProofOptions.STRICT));
      double lint = millis(() -> HbaLint.lint(document, LintOptions.UNKNOWN_SERVER));
      System.out.printf("%10d rules: proof %,.0f ms, lint %,.0f ms%n", rules, proof, lint);
    }
  }

  private static double millis(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e6;
  }
}
