package dev.pgseal.bench;

import java.io.PrintStream;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** Looks at the service again and again while it is used, and says whether something grows. */
final class Soak {

  private static final Duration EVERY = Duration.ofSeconds(20);

  private final PrintStream out;
  private final long pid;
  private final Connection control;
  private final Connection managed;

  Soak(PrintStream out, long pid, Connection control, Connection managed) {
    this.out = out;
    this.pid = pid;
    this.control = control;
    this.managed = managed;
  }

  /**
   * @return whether the last quarter needs no more than the second: the first is warming up
   */
  boolean run(Duration time) throws Exception {
    List<Gauges> seen = new ArrayList<>();
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      Thread.sleep(EVERY.toMillis());
      Gauges gauges = Gauges.of(pid, control, managed);
      out.printf("  %4d s   %s%n", seen.size() * EVERY.toSeconds() + EVERY.toSeconds(), gauges);
      seen.add(gauges);
    }
    int quarter = Math.max(1, seen.size() / 4);
    List<Gauges> second = seen.subList(quarter, 2 * quarter);
    List<Gauges> last = seen.subList(seen.size() - quarter, seen.size());
    return steady("heap KiB", second, last, Gauges::heapKiB, 4096)
        & steady("threads", second, last, Gauges::threads, 4)
        & steady("files", second, last, Gauges::files, 8)
        & steady("control database", second, last, Gauges::control, 2)
        & steady("managed server", second, last, Gauges::managed, 1);
  }

  private boolean steady(
      String name,
      List<Gauges> second,
      List<Gauges> last,
      ToLongFunction<Gauges> gauge,
      long margin) {
    double before = second.stream().mapToLong(gauge).average().orElseThrow();
    double after = last.stream().mapToLong(gauge).average().orElseThrow();
    boolean steady = after <= before * 1.05 + margin;
    out.printf("  %-17s %8.0f then %8.0f   %s%n", name, before, after, steady ? "steady" : "GROWS");
    return steady;
  }
}
