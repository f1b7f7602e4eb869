package dev.pgseal.security;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where API tokens are kept, by the SHA-256 of their value. */
public interface TokenStore {

  /**
   * @throws dev.pgseal.problem.PgsealException {@code NAME_TAKEN}
   */
  void insert(ApiToken token, byte[] hash);

  /** Stores {@code token} when there is no token at all; false when there was one. */
  boolean insertFirst(ApiToken token, byte[] hash);

  Optional<ApiToken> findByHash(byte[] hash);

  /** Records the time of a use, unless a later one than {@code unlessAfter} is recorded. */
  void used(String name, Instant at, Instant unlessAfter);

  /** In the order of their names, beginning after {@code afterName}; expired ones too. */
  List<ApiToken> list(@Nullable String afterName, int limit);

  /** True when it was there. */
  boolean delete(String name);
}
