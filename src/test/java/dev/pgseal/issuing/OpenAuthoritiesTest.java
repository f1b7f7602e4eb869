package dev.pgseal.issuing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.AuthorityProfile;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How long an authority stays open, and for what. */
class OpenAuthoritiesTest {

  private static final Authority AUTHORITY =
      Authority.create(AuthorityProfile.of("Test CA"), Clock.systemUTC());
  private static final Instant CREATED = Instant.parse("2030-01-01T00:00:00Z");

  private final List<Runnable> later = new ArrayList<>();
  private final OpenAuthorities authorities = new OpenAuthorities(later::add);
  private final AtomicInteger opened = new AtomicInteger();

  @Test
  void itIsOpenedOnceUntilItsTimeIsOver() {
    open(stored(AUTHORITY.bundle(), AuthorityPolicy.DEFAULT));
    open(stored(AUTHORITY.bundle(), AuthorityPolicy.DEFAULT));
    assertThat(opened).hasValue(1);

    later.forEach(Runnable::run);
    open(stored(AUTHORITY.bundle(), AuthorityPolicy.DEFAULT));
    assertThat(opened).hasValue(2);
    assertThat(later).as("each opening has its own end").hasSize(2);
  }

  @Test
  void anotherChainOrPolicyIsAnotherAuthority() {
    AuthorityPolicy strict = new AuthorityPolicy(Duration.ofDays(1), Set.of(), List.of());

    open(stored(AUTHORITY.bundle(), AuthorityPolicy.DEFAULT));
    open(stored(AUTHORITY.bundle(), strict));
    open(stored(AUTHORITY.bundle() + "\n", AuthorityPolicy.DEFAULT));

    assertThat(opened).hasValue(3);
  }

  @Test
  void whatCannotBeOpenedIsTriedAgain() {
    StoredAuthority stored = stored(AUTHORITY.bundle(), AuthorityPolicy.DEFAULT);

    assertThatThrownBy(
            () ->
                authorities.get(
                    stored,
                    key -> {
                      throw new IllegalStateException("sealed");
                    }))
        .hasMessage("sealed");

    assertThat(open(stored)).isSameAs(AUTHORITY);
    assertThat(later).hasSize(1);
  }

  private Authority open(StoredAuthority stored) {
    return authorities.get(
        stored,
        key -> {
          opened.incrementAndGet();
          return AUTHORITY;
        });
  }

  private static StoredAuthority stored(String chain, AuthorityPolicy policy) {
    return StoredAuthority.active(
        "corp", AuthorityKind.ROOT, null, chain, "ECDSA_P256", policy, Set.of(), CREATED);
  }
}
