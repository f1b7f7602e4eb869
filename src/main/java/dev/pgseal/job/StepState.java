package dev.pgseal.job;

/** Where a step of a job stands. */
public enum StepState {
  PENDING,
  RUNNING,
  /** Done and verified from outside. */
  DONE,
  /** The server was already as the step wants it. */
  SKIPPED,
  FAILED,
  /** Taken back and verified from outside. */
  UNDONE,
  /** Taking it back failed: the server needs a person. */
  UNDO_FAILED
}
