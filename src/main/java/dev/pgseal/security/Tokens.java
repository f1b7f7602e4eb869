package dev.pgseal.security;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Bearer tokens: 256 random bits behind {@value #PREFIX}, kept as SHA-256 only. */
@ApplicationScoped
public class Tokens {

  /** Makes a token recognisable for secret scanners. */
  public static final String PREFIX = "pgs_";

  /** The time of the last use is kept to this: not every request writes. */
  public static final Duration USE_RECORDED_EVERY = Duration.ofMinutes(10);

  private static final int RANDOM_BYTES = 32;

  private final TokenStore store;
  private final SecureRandom random = new SecureRandom();
  private final Clock clock;

  @Inject
  Tokens(TokenStore store) {
    this(store, Clock.systemUTC());
  }

  Tokens(TokenStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * A token with its value, which nobody can read again.
   *
   * @param value {@code pgs_} and 43 characters of base64url
   */
  public record Issued(ApiToken token, String value) {

    /** Never shows the value. */
    @Override
    public String toString() {
      return token.toString();
    }
  }

  /**
   * @param madeBy the maker and the makers of the maker's token; the first is recorded as such
   * @param expiresAt null for a token that does not expire
   * @throws PgsealException {@code NAME_TAKEN}, {@code VALIDATION_FAILED} when it had expired
   *     already
   */
  public Issued issue(String name, Grant grant, @Nullable Instant expiresAt, List<String> madeBy) {
    ApiToken token = new ApiToken(name, grant, madeBy.get(0), madeBy, now(), expiresAt, null);
    if (token.expired(now())) {
      throw new PgsealException(
          ProblemType.VALIDATION_FAILED, "expiresAt is in the past: " + expiresAt);
    }
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    String value = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    store.insert(token, hash(value));
    return new Issued(token, value);
  }

  /** The token of this value, unless it is unknown, deleted or expired; records that it is used. */
  public Optional<ApiToken> use(String value) {
    Instant now = now();
    Optional<ApiToken> found = store.findByHash(hash(value)).filter(token -> !token.expired(now));
    found.ifPresent(token -> recordUse(token, now));
    return found;
  }

  private void recordUse(ApiToken token, Instant now) {
    Instant due = now.minus(USE_RECORDED_EVERY);
    if (token.lastUsedAt() == null || token.lastUsedAt().isBefore(due)) {
      store.used(token.name(), now, due);
    }
  }

  public List<ApiToken> list(@Nullable String afterName, int limit) {
    return store.list(afterName, limit);
  }

  /**
   * @param actor the caller's token: it cannot delete itself, so that somebody can always come in
   * @throws PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE}
   */
  public void delete(String name, String actor) {
    if (name.equals(actor)) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE, "The token " + name + " cannot delete itself")
          .hint("Make another token and delete this one with it");
    }
    if (!store.delete(name)) {
      throw new PgsealException(ProblemType.NOT_FOUND, "There is no token named " + name);
    }
  }

  /** Stores {@code value} as the first token; false when the control database has one already. */
  boolean bootstrap(String value) {
    return store.insertFirst(
        new ApiToken("bootstrap", Grant.ADMIN, "pgseal", List.of(), now(), null, null),
        hash(value));
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  private static byte[] hash(String value) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
