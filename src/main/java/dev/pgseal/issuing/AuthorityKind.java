package dev.pgseal.issuing;

/** How an authority came to be, and so who signs for it. */
public enum AuthorityKind {
  /** A self-signed root with a key made here. */
  ROOT,
  /** Below another authority: one of ours, or one outside that signed its request. */
  INTERMEDIATE,
  /** Brought along with its key. */
  IMPORTED,
  /** Its key is here; its certificate is still to be signed by an authority outside. */
  PENDING,
  /** A CA outside that is asked by ACME (RFC 8555); only the account's key is here. */
  ACME
}
