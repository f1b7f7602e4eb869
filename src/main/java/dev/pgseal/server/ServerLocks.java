package dev.pgseal.server;

import java.util.UUID;
import java.util.function.Supplier;

/**
 * One changing operation per server at a time, across all replicas.
 *
 * <p>A lock is a lease in the control database: it is renewed while its holder lives and runs out
 * {@code 20 s} after the holder died, so that a killed replica blocks nobody for long. It says who
 * may begin; against a holder that merely froze, the advisory lock on the managed server is the
 * fence.
 */
public interface ServerLocks {

  /**
   * Takes the lock, or takes it over when {@code owner} itself held it before (a job that goes on
   * after a restart).
   *
   * @param owner who holds it: {@code job/<id>} or {@code request/<id>}
   * @param operation for people: what is being done, such as {@code PUT ssl}
   * @throws dev.pgseal.problem.PgsealException {@code OPERATION_IN_PROGRESS} naming the holder
   */
  Held acquire(UUID serverId, String owner, String operation);

  /** Runs {@code change} under the lock of {@link #acquire}. */
  default <T> T holding(UUID serverId, String owner, String operation, Supplier<T> change) {
    Held held = acquire(serverId, owner, operation);
    try (held) {
      return change.get();
    }
  }

  /** A lock that is held and renewed until it is closed. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }
}
