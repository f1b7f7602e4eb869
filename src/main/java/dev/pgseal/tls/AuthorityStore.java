package dev.pgseal.tls;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where private authorities are kept; their keys sealed. */
public interface AuthorityStore {

  /**
   * @param certificateChain PEM, the authority's own certificate first
   * @param privateKey PEM of the key (PKCS#8)
   * @throws dev.pgseal.problem.PgsealException {@code NAME_TAKEN}
   */
  StoredAuthority insert(String name, String certificateChain, String keyType, byte[] privateKey);

  Optional<StoredAuthority> find(String name);

  /** In the order of their names, beginning after {@code afterName}. */
  List<StoredAuthority> list(@Nullable String afterName, int limit);

  /**
   * The unsealed key as it was inserted.
   *
   * @throws dev.pgseal.problem.PgsealException {@code NOT_FOUND}
   */
  byte[] privateKey(String name);
}
