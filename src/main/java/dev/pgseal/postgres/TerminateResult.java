package dev.pgseal.postgres;

/** What became of one session that was to be ended. */
public enum TerminateResult {
  /** It was there and has ended. */
  TERMINATED,
  /** No session with this pid and backendStart exists (any more); nothing was signalled. */
  ALREADY_GONE,
  /** It was signalled but has not ended within the time. */
  STILL_RUNNING,
  /**
   * Our role may not end it: a superuser's session needs a superuser, others {@code
   * pg_signal_backend}.
   */
  NOT_PERMITTED
}
