package dev.pgseal.tls;

import dev.pgseal.problem.PgsealException;

/** Takes a change back after it failed, and never lets the second failure hide the first. */
final class TakeBack {

  private TakeBack() {}

  /**
   * @return the cause, with the member {@code undone}; when that is false also {@code undoProblem},
   *     which says why
   */
  static PgsealException after(PgsealException cause, Runnable undo) {
    try {
      undo.run();
      return cause.with("undone", true);
    } catch (PgsealException e) {
      cause.addSuppressed(e);
      return cause.with("undone", false).with("undoProblem", e.detail());
    } catch (RuntimeException e) {
      // its text may hold anything; the log has it with the cause
      cause.addSuppressed(e);
      return cause.with("undone", false).with("undoProblem", e.getClass().getSimpleName());
    }
  }
}
