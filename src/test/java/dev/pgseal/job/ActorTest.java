package dev.pgseal.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ActorTest {

  private final Actor ann = Actor.of("oidc:ann");
  private final Actor annsToken = new Actor("pipeline", List.of("oidc:ann"));
  private final Actor itsToken = new Actor("job-17", List.of("pipeline", "oidc:ann"));

  @Test
  void oneCallerIsNotTwo() {
    assertThat(ann.sameHandsAs(ann)).contains("oidc:ann asked for it");
    assertThat(annsToken.sameHandsAs(new Actor("pipeline", List.of()))).isPresent();
  }

  @Test
  void aTokenIsInTheHandsOfItsMakersHoweverFar() {
    assertThat(annsToken.sameHandsAs(ann)).isPresent();
    assertThat(itsToken.sameHandsAs(ann)).isPresent();
    assertThat(itsToken.sameHandsAs(annsToken)).isPresent();
    assertThat(ann.sameHandsAs(itsToken)).isPresent();
  }

  @Test
  void othersAreOthersAlsoWhenOneAdminMadeTheTokensOfBoth() {
    assertThat(ann.sameHandsAs(Actor.of("oidc:bob"))).isEmpty();
    assertThat(annsToken.sameHandsAs(new Actor("auditor", List.of("oidc:ann")))).isEmpty();
  }
}
