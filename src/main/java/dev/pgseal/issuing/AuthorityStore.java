package dev.pgseal.issuing;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where authorities are kept; their keys sealed. */
public interface AuthorityStore {

  /**
   * @param secret PEM of the key (PKCS#8), or what an issuer outside needs; sealed
   * @throws dev.pgseal.problem.PgsealException {@code NAME_TAKEN}
   */
  StoredAuthority insert(StoredAuthority authority, byte[] secret);

  /**
   * Makes a pending authority an active intermediate one.
   *
   * @throws dev.pgseal.problem.PgsealException {@code ILLEGAL_STATE} when it is not pending (any
   *     more)
   */
  StoredAuthority complete(String name, String certificateChain);

  Optional<StoredAuthority> find(String name);

  /** In the order of their names, beginning after {@code afterName}. */
  List<StoredAuthority> list(@Nullable String afterName, int limit);

  /**
   * What was inserted as secret, unsealed; the caller wipes it.
   *
   * @throws dev.pgseal.problem.PgsealException {@code NOT_FOUND}
   */
  byte[] secret(String name);
}
