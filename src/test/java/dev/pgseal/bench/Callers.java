package dev.pgseal.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Many who do the same at once. */
final class Callers {

  private Callers() {}

  /**
   * @param what of the caller of this number, from 0
   * @param times each of them does it, one after the other
   */
  static Latencies run(int callers, int times, IntFunction<Callable<?>> what) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    try {
      List<Future<long[]>> all = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        Callable<?> one = what.apply(caller);
        all.add(threads.submit(() -> times(times, one)));
      }
      long[] nanos = new long[callers * times];
      int next = 0;
      for (Future<long[]> one : all) {
        for (long time : one.get()) {
          nanos[next++] = time;
        }
      }
      return new Latencies(nanos);
    } finally {
      threads.shutdownNow();
    }
  }

  private static long[] times(int times, Callable<?> what) throws Exception {
    long[] nanos = new long[times];
    for (int i = 0; i < times; i++) {
      nanos[i] = Latencies.time(what);
    }
    return nanos;
  }
}
