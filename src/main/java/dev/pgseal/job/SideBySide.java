package dev.pgseal.job;

import dev.pgseal.audit.Actor;
import dev.pgseal.audit.Actors;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import io.opentelemetry.context.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * Runs what is independent at the same time, each in a thread that is made for it and has the
 * trace, the actor and the log fields of whoever waits for all.
 */
final class SideBySide {

  /** How many at the most: each holds a session of a server and one of the control database. */
  static final int AT_A_TIME = 8;

  private SideBySide() {}

  /**
   * Returns when none of the tasks runs any more, whatever became of them: nobody may go on with
   * the job while one still does.
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
      List<Future<T>> futures = new ArrayList<>();
      for (Supplier<T> task : tasks) {
        futures.add(threads.submit(inThisContext(task)));
      }
      return results(futures);
    } finally {
      awaitEnd(threads);
    }
  }

  private static <T> Callable<T> inThisContext(Supplier<T> task) {
    Supplier<T> traced = Context.current().wrapSupplier(task);
    Map<String, Object> fields = MDC.getMap();
    Actor actor = Actors.current();
    return () -> {
      fields.forEach(MDC::put);
      try (Actors.Scope acting = Actors.as(actor)) {
        return traced.get();
      }
    };
  }

  private static <T> List<T> results(List<Future<T>> futures) {
    List<T> results = new ArrayList<>();
    Throwable failure = null;
    for (Future<T> future : futures) {
      try {
        results.add(future.get());
      } catch (ExecutionException e) {
        failure = joined(failure, e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PgsealException(ProblemType.INTERNAL_ERROR, "The service is shutting down", e);
      }
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure; // a Supplier throws nothing else
    }
    return results;
  }

  private static Throwable joined(@Nullable Throwable first, Throwable next) {
    if (first == null) {
      return next;
    }
    first.addSuppressed(next);
    return first;
  }

  /** Whoever is interrupted meanwhile tells the tasks, and waits for them all the same. */
  private static void awaitEnd(ExecutorService threads) {
    boolean interrupted = false;
    threads.shutdown();
    while (!threads.isTerminated()) {
      try {
        threads.awaitTermination(1, TimeUnit.HOURS);
      } catch (InterruptedException e) {
        interrupted = true;
        threads.shutdownNow();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
