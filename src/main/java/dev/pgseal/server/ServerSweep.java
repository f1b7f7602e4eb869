package dev.pgseal.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Does something with every registered server, several at once: one that is away takes its time.
 */
public final class ServerSweep {

  private static final int PAGE = 200;

  private final ServerStore servers;

  public ServerSweep(ServerStore servers) {
    this.servers = servers;
  }

  /**
   * Ends when it was done with the last one, or when the thread is interrupted.
   *
   * @param atOnce servers
   * @throws IllegalStateException when {@code work} throws: it deals with what a server does
   */
  public void run(int atOnce, Predicate<ManagedServer> which, Consumer<ManagedServer> work) {
    ExecutorService workers = Executors.newFixedThreadPool(atOnce);
    try {
      List<Future<?>> all = new ArrayList<>();
      String after = null;
      List<ManagedServer> page;
      do {
        page = servers.list(Map.of(), after, PAGE);
        for (ManagedServer server : page) {
          if (which.test(server)) {
            all.add(workers.submit(() -> work.accept(server)));
          }
          after = server.name();
        }
      } while (page.size() == PAGE);
      for (Future<?> one : all) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("A sweep over the servers broke off", e.getCause());
    } finally {
      workers.shutdownNow();
    }
  }
}
