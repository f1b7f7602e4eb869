package dev.pgseal.tls;

import dev.pgseal.problem.PgsealException;

/** Whoever opens a server for a change, as far as it is told and asked meanwhile. */
public interface OpeningWatch {

  /** Nobody who wants to know. */
  OpeningWatch NOBODY = change -> {};

  /** The session, as soon as there is one; the lock on the server itself is waited for then. */
  void opened(ServerUnderChange change);

  /**
   * Somebody else is changing the server and is waited for. Called once.
   *
   * @param conflict names the holder
   */
  default void waits(PgsealException conflict) {}

  /** Whether it cannot be waited for any longer. Asked several times a second. */
  default boolean over() {
    return false;
  }

  /** Whether {@link #over} will be true some time: there is patience for a job that takes long. */
  default boolean limited() {
    return false;
  }
}
