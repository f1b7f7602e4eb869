package dev.pgseal.fuzz;

/** What is intended with a request. */
enum Kind {
  /** Everything in it fits the document. */
  SOUND,
  /** It breaks the schema of its body or of a parameter, and nothing else: it must be refused. */
  BROKEN,
  /** Something in it is meant to do harm; it may fit the document or not. */
  HOSTILE
}
