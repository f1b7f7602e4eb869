package dev.pgseal.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.PgsealException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GrantTest {

  @Test
  void everyRoleReadsAndAnAdminIsEverything() {
    assertThat(Role.implied(Set.of(Role.OPERATOR)))
        .containsExactlyInAnyOrder(Role.VIEWER, Role.OPERATOR);
    assertThat(Role.implied(Set.of(Role.APPROVER)))
        .containsExactlyInAnyOrder(Role.VIEWER, Role.APPROVER);
    assertThat(Role.implied(Set.of(Role.VIEWER))).containsExactly(Role.VIEWER);
    assertThat(Role.implied(Set.of(Role.ADMIN))).containsExactly(Role.values());
    assertThat(Role.implied(Set.of())).isEmpty();
  }

  @Test
  void allLabelsOfTheGrantMustFit() {
    Grant grant = new Grant(Set.of(Role.OPERATOR), Map.of("env", "test", "team", "a"));

    assertThat(grant.covers(Map.of("env", "test", "team", "a", "more", "b"))).isTrue();
    assertThat(grant.covers(Map.of("env", "test"))).isFalse();
    assertThat(grant.covers(Map.of("env", "prod", "team", "a"))).isFalse();
    assertThat(grant.covers(Map.of())).isFalse();
    assertThat(new Grant(Set.of(Role.VIEWER), Map.of()).covers(Map.of())).isTrue();
  }

  @Test
  void anAdminOfSomeServersOnlyIsRefused() {
    assertThatThrownBy(() -> new Grant(Set.of(Role.ADMIN, Role.VIEWER), Map.of("env", "test")))
        .isInstanceOf(PgsealException.class)
        .hasMessageContaining("ADMIN");
  }

  @Test
  void nobodyIsGrantedNothing() {
    assertThatThrownBy(() -> new Grant(Set.of(), Map.of()))
        .isInstanceOf(PgsealException.class)
        .hasMessageContaining("Without a role");
  }
}
