package dev.pgseal.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApprovalPolicyTest {

  @Test
  void aServerWithAnyOfTheLabelsNeedsAnApproval() {
    ApprovalPolicy policy = new ApprovalPolicy(List.of("env=prod", "pci=yes"));

    assertThat(policy.demands(Map.of("env", "prod", "team", "a"))).isTrue();
    assertThat(policy.demands(Map.of("env", "test", "pci", "yes"))).isTrue();
    assertThat(policy.demands(Map.of("env", "production", "pci", "no"))).isFalse();
    assertThat(policy.demands(Map.of())).isFalse();
    assertThat(new ApprovalPolicy(List.of()).demands(Map.of("env", "prod"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"prod", "=prod", ""})
  void aTypoDoesNotSwitchItOff(String label) {
    assertThatThrownBy(() -> new ApprovalPolicy(List.of(label)))
        .hasMessageContaining("pgseal.approval.server-labels");
  }
}
