package dev.pgseal.tls;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerLocks;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Takes the lease on a server. A request is refused at once while somebody else has it; a job,
 * which may be half way through the server, waits. Jobs that reserve no servers hold a lease while
 * a rollout waits for a person, such as the one that brings revocation lists; and that of a request
 * whose replica died runs out by itself ({@link ServerLocks}).
 */
final class LeaseWait {

  /** Longer than the lease of somebody who died. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  /** For another job, where the step's deadline ends it if need be. */
  static final Duration PATIENCE_WITH_A_JOB = Duration.ofMinutes(5);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

  private final ServerLocks locks;
  private final ManagedServer server;
  private final String owner;
  private final String operation;

  LeaseWait(ServerLocks locks, ManagedServer server, String owner, String operation) {
    this.locks = locks;
    this.server = server;
    this.owner = owner;
    this.operation = operation;
  }

  static boolean ofAJob(Object owner) {
    return String.valueOf(owner).startsWith("job/");
  }

  /**
   * @param fence fails when there is a later execution of the job: who was replaced must not take
   *     the lease from its successor, whose name is the same
   * @throws PgsealException {@code OPERATION_IN_PROGRESS} naming the holder
   */
  ServerLocks.Held acquire(LongSupplier fence, OpeningWatch watch) {
    long start = System.nanoTime();
    GrowingPause between = new GrowingPause(LOOK_AGAIN);
    boolean told = false;
    while (true) {
      try {
        return locks.acquire(server.id(), owner, operation);
      } catch (PgsealException e) {
        Duration waited = Duration.ofNanos(System.nanoTime() - start);
        if (!isWorthWaiting(e, waited, watch)) {
          throw e;
        }
        if (!told) {
          watch.waits(e);
          told = true;
        }
      }
      between.pause();
      fence.getAsLong();
    }
  }

  private boolean isWorthWaiting(PgsealException e, Duration waited, OpeningWatch watch) {
    if (e.type() != ProblemType.OPERATION_IN_PROGRESS || !ofAJob(owner) || watch.over()) {
      return false;
    }
    boolean forAJob = watch.limited() && ofAJob(e.members().get("holder"));
    return waited.compareTo(forAJob ? PATIENCE_WITH_A_JOB : PATIENCE) < 0;
  }
}
