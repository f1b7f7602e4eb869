package dev.pgseal.job;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import io.opentelemetry.context.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * Runs what is independent at the same time, each in a thread that is made for it and has the trace
 * and the log fields of whoever waits for all.
 */
final class SideBySide {

  /** How many at the most: each holds a session of a server and two of the control database. */
  private static final int AT_A_TIME = 8;

  private SideBySide() {}

  /**
   * Returns when none of the tasks runs any more, whatever became of them.
   *
   * @return what each came to, in the order of the tasks
   * @throws RuntimeException of the first task that threw one, with those of the others suppressed
   */
  static <T> List<T> run(List<Supplier<T>> tasks) {
    if (tasks.size() == 1) {
      return List.of(tasks.get(0).get());
    }
    ExecutorService threads = Executors.newFixedThreadPool(Math.min(tasks.size(), AT_A_TIME));
    try {
      Context trace = Context.current();
      Map<String, Object> fields = MDC.getMap();
      List<Future<T>> futures = new ArrayList<>();
      for (Supplier<T> task : tasks) {
        futures.add(
            threads.submit(
                () -> {
                  fields.forEach(MDC::put);
                  return trace.wrapSupplier(task).get();
                }));
      }
      return results(futures, threads);
    } finally {
      threads.shutdown();
    }
  }

  private static <T> List<T> results(List<Future<T>> futures, ExecutorService threads) {
    List<T> results = new ArrayList<>();
    RuntimeException failure = null;
    for (Future<T> future : futures) {
      try {
        results.add(future.get());
      } catch (ExecutionException e) {
        failure = joined(failure, e.getCause());
      } catch (InterruptedException e) {
        throw interrupted(threads, e);
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }

  private static RuntimeException joined(@Nullable RuntimeException first, Throwable next) {
    if (first != null) {
      first.addSuppressed(next);
      return first;
    }
    if (next instanceof Error error) {
      throw error;
    }
    return (RuntimeException) next; // a Supplier throws nothing else
  }

  /**
   * The tasks hear of it, and are waited for: nobody may go on with the job while they still do.
   */
  private static PgsealException interrupted(ExecutorService threads, InterruptedException cause) {
    threads.shutdownNow();
    while (true) {
      try {
        if (threads.awaitTermination(1, TimeUnit.HOURS)) {
          break;
        }
      } catch (InterruptedException again) {
        threads.shutdownNow();
      }
    }
    Thread.currentThread().interrupt();
    return new PgsealException(ProblemType.INTERNAL_ERROR, "The service is shutting down", cause);
  }
}
