package dev.pgseal.issuing;

/** Whether an authority can be asked for certificates. */
public enum AuthorityState {
  /** Waits for its certificate; issues nothing. */
  PENDING,
  ACTIVE
}
