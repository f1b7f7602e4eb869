package dev.pgseal.security;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A bearer token of the API, without its value: that is shown once and kept as a hash only.
 *
 * @param name unique; the caller's name wherever pgseal records who did something
 * @param grant what it is good for
 * @param createdBy the caller who made it, {@code pgseal} for the bootstrap token
 * @param madeBy the makers of the token, as {@code dev.pgseal.job.Requester} has them: {@code
 *     createdBy}, who made that one's token, and so on; empty for the bootstrap token
 * @param expiresAt null when it does not expire
 * @param lastUsedAt null when it was never used; true to {@link Tokens#USE_RECORDED_EVERY}
 */
public record ApiToken(
    String name,
    Grant grant,
    String createdBy,
    List<String> madeBy,
    Instant createdAt,
    @Nullable Instant expiresAt,
    @Nullable Instant lastUsedAt) {

  /** The attribute of a security identity that holds {@link #madeBy}. */
  public static final String MADE_BY_ATTRIBUTE = "pgseal.made-by";

  public ApiToken {
    madeBy = List.copyOf(madeBy);
  }

  public boolean expired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }
}
