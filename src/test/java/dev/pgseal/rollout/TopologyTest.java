package dev.pgseal.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TopologyTest {

  @Test
  void primariesComeFirstAndEachStandbyFindsItsOwn() {
    Topology topology =
        Topology.of(
            List.of(
                standby("reader-b", "2"),
                standby("reader-a", "1"),
                primary("b", "2"),
                primary("a", "1")));

    assertThat(topology.members())
        .extracting(m -> m.server().name(), m -> m.primary() == null ? null : m.primary().name())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("b", null),
            org.assertj.core.groups.Tuple.tuple("a", null),
            org.assertj.core.groups.Tuple.tuple("reader-b", "b"),
            org.assertj.core.groups.Tuple.tuple("reader-a", "a"));
  }

  @Test
  void aStandbyWhosePrimaryIsNotOfTheRolloutHasNone() {
    Topology topology = Topology.of(List.of(standby("reader", "1"), primary("b", "2")));

    Topology.Member reader = topology.member("reader").orElseThrow();
    assertThat(reader.standby()).isTrue();
    assertThat(reader.primary()).isNull();
    assertThat(topology.member("nobody")).isEmpty();
  }

  @Test
  void twoPrimariesOfOneSystemAreRefused() {
    assertThatThrownBy(() -> Topology.of(List.of(primary("a", "1"), primary("b", "1"))))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.VALIDATION_FAILED);
              assertThat(e.detail()).contains("a and b");
            });
  }

  static Topology.Inspected primary(String name, String system) {
    return new Topology.Inspected(server(name), false, system);
  }

  static Topology.Inspected standby(String name, String system) {
    return new Topology.Inspected(server(name), true, system);
  }

  private static ManagedServer server(String name) {
    return new ManagedServer(
        UUID.randomUUID(),
        name,
        "127.0.0.1",
        5432,
        "postgres",
        "postgres",
        ConnectionSslMode.PREFER,
        null,
        List.of(),
        Map.of(),
        null,
        1,
        Instant.EPOCH,
        Instant.EPOCH);
  }
}
