package dev.pgseal.bench;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaLint;
import dev.pgseal.hba.HbaMatcher;
import dev.pgseal.hba.HbaProof;
import dev.pgseal.hba.LintOptions;
import dev.pgseal.hba.ProofOptions;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * {@code ./mvnw -Pbench-hba}: {@link HbaBenchmark} by JMH, and in the same run what a real server
 * needs to read the same file for {@code pg_hba_file_rules}.
 */
public final class HbaBenchmarkRun {

  private static final int MOST = 100_000;

  /** So that nothing is computed in vain, which the compiler would leave out. */
  private static volatile @Nullable Object taken;

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
   * CPU of all threads, the collector's too, and of the backend: true on a busy machine as well.
   */
  private static void cpu(double server) {
    double each = 0;
    for (int rules : new int[] {10, 1_000, MOST}) {
      byte[] content = HbaRules.file(rules);
      HbaDocument document = HbaDocument.parse(content, HbaRules.MAJOR);
      each = micros(rules, () -> taken = HbaDocument.parse(content, HbaRules.MAJOR));
      double evaluate =
          micros(rules, () -> taken = HbaMatcher.decide(document, HbaBenchmark.attempt()));
      System.out.printf(
          "CPU each of %,d rules: parse %.2f µs, evaluate %.3f µs%n", rules, each, evaluate);
    }
    System.out.printf(
        "CPU for %,d rules: parse %.0f ms, PostgreSQL's backend %.0f ms, ratio %.2f%n",
        MOST, each * MOST / 1e3, server, each * MOST / 1e3 / server);
  }

  /** What walks over pairs of rules: once each. */
  private static void oneShot() {
    for (int rules : new int[] {1_000, 10_000, MOST}) {
      HbaDocument document = HbaDocument.parse(HbaRules.file(rules), HbaRules.MAJOR);
      double proof = millis(() -> HbaProof.plaintextDoors(document, ProofOptions.STRICT));
      double lint = millis(() -> HbaLint.lint(document, LintOptions.UNKNOWN_SERVER));
      System.out.printf(
          "CPU once for %,d rules: proof %,.0f ms, lint %,.0f ms%n", rules, proof, lint);
    }
  }

  /** CPU for one rule, when it has been done a million times. */
  private static double micros(int rules, Runnable work) {
    int times = MOST * 10 / rules;
    repeat(times, work);
    return millis(() -> repeat(times, work)) * 1e3 / times / rules;
  }

  private static void repeat(int times, Runnable work) {
    for (int i = 0; i < times; i++) {
      work.run();
    }
  }

  private static double millis(Runnable work) {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long start = system.getProcessCpuTime();
    work.run();
    return (system.getProcessCpuTime() - start) / 1e6;
  }
}
