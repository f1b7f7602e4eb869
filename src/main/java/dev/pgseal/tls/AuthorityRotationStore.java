package dev.pgseal.tls;

import java.util.Optional;

/**
 * Where the other generation of an authority is kept while it is being rotated: first the new one,
 * from {@link #swap} on the old one.
 */
public interface AuthorityRotationStore {

  /**
   * @param promoted true when this is the old generation, and the authority itself the new one
   */
  record Other(String authority, String certificateChain, String keyType, boolean promoted) {}

  /**
   * @param privateKey PEM of the key (PKCS#8)
   * @throws dev.pgseal.problem.PgsealException {@code ILLEGAL_STATE} when it is being rotated
   *     already
   */
  void begin(String authority, String certificateChain, String keyType, byte[] privateKey);

  Optional<Other> find(String authority);

  /** The unsealed key of the other generation. */
  byte[] privateKey(String authority);

  /** The authority and its other generation change places, unless they stand so already. */
  void swap(String authority, boolean promoted);

  /** The other generation is gone, its key included. */
  void end(String authority);
}
