package dev.pgseal.hba;

/** What is proved. */
public enum ProofVerdict {
  /** Plaintext over TCP is refused, whoever asks. */
  ENFORCED,
  /** There is a witness: a plaintext connection that is let in. */
  NOT_ENFORCED,
  /** What is left open hangs on something that only the server can evaluate. */
  UNDECIDED
}
