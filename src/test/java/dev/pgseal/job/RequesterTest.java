package dev.pgseal.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RequesterTest {

  private final Requester ann = Requester.of("oidc:ann");
  private final Requester annsToken = new Requester("pipeline", List.of("oidc:ann"));
  private final Requester itsToken = new Requester("job-17", List.of("pipeline", "oidc:ann"));

  @Test
  void oneCallerIsNotTwo() {
    assertThat(ann.sameHandsAs(ann)).contains("oidc:ann asked for it");
    assertThat(annsToken.sameHandsAs(new Requester("pipeline", List.of()))).isPresent();
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
    assertThat(ann.sameHandsAs(Requester.of("oidc:bob"))).isEmpty();
    assertThat(annsToken.sameHandsAs(new Requester("auditor", List.of("oidc:ann")))).isEmpty();
  }
}
