package dev.pgseal.idempotency;

/** What is to be done with a request that has a key. */
public sealed interface Verdict {

  /** It is new: run it, then {@link IdempotentRequests#answered} or {@code abandoned}. */
  record Run(Claim claim) implements Verdict {}

  /** It was answered: answer the same. */
  record Replay(Answer answer) implements Verdict {}
}
