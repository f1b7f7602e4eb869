package dev.pgseal.job;

/** Where a job stands. */
public enum JobState {
  PENDING,
  RUNNING,
  PAUSED,
  AWAITING_APPROVAL,
  CANCELLING,
  SUCCEEDED,
  FAILED,
  ROLLED_BACK,
  CANCELLED;

  /** True when nothing more will happen. */
  public boolean ended() {
    return switch (this) {
      case SUCCEEDED, FAILED, ROLLED_BACK, CANCELLED -> true;
      default -> false;
    };
  }
}
