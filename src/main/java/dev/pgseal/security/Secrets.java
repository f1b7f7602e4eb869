package dev.pgseal.security;

/**
 * Seals secrets for the control database: authenticated encryption under the service's key set.
 *
 * <p>What is sealed is bound to its {@code context} (such as {@code server/<id>/password}): a
 * sealed value that is copied to another row does not open there.
 */
public interface Secrets {

  byte[] seal(byte[] secret, String context);

  /**
   * @throws dev.pgseal.problem.PgsealException {@code INTERNAL_ERROR} when it was sealed under
   *     another key set or for another context
   */
  byte[] open(byte[] sealed, String context);

  /** What every value begins with that is sealed by the key that seals now, and no other. */
  byte[] mark();

  /** Whether a value that begins with this mark was sealed by some key that is here. */
  boolean opens(byte[] mark);
}
