package dev.pgseal.bench;

import java.util.Arrays;
import java.util.concurrent.Callable;

/** Times of the same thing done again and again, in nanoseconds. */
record Latencies(long... nanos) {

  Latencies {
    nanos = nanos.clone();
    Arrays.sort(nanos);
  }

  static long time(Callable<?> once) throws Exception {
    long began = System.nanoTime();
    once.call();
    return System.nanoTime() - began;
  }

  double millisAt(double quantile) {
    int index = (int) Math.ceil(quantile * nanos.length) - 1;
    return nanos[Math.max(0, index)] / 1e6;
  }

  double median() {
    return millisAt(0.5);
  }

  @Override
  public String toString() {
    return "p50 %8.1f ms   p99 %8.1f ms   of %d".formatted(median(), millisAt(0.99), nanos.length);
  }
}
