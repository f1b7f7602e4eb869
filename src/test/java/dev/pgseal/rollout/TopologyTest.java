package dev.pgseal.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.Walsender;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.StreamName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.assertj.core.groups.Tuple;
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
            Tuple.tuple("b", null),
            Tuple.tuple("a", null),
            Tuple.tuple("reader-b", "b"),
            Tuple.tuple("reader-a", "a"));
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
  void oneServerUnderTwoNamesIsRefused() {
    Topology.Inspected a = primary("a", "1");
    Topology.Inspected again =
        new Topology.Inspected(
            server("b"), false, "1", a.startedAt(), null, List.of(), List.of(), "");

    assertThatThrownBy(() -> Topology.of(List.of(a, again)))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.VALIDATION_FAILED);
              assertThat(e.detail()).contains("a and b");
            });
  }

  @Test
  void clonesOfOneImageAreClustersOfTheirOwnEachWithTheStandbyThatStreamsFromIt() {
    Topology topology =
        Topology.of(
            List.of(
                receiving("b-reader", "1", "walreceiver", "b"),
                sending("a", "1", "walreceiver"),
                sending("b", "1", "walreceiver"),
                receiving("a-reader", "1", "walreceiver", "a")));

    assertThat(topology.clusters(List.of("b-reader", "a", "b", "a-reader")))
        .extracting(c -> c.members().stream().map(m -> m.server().name()).toList())
        .containsExactly(List.of("b", "b-reader"), List.of("a", "a-reader"));
  }

  @Test
  void aStandbyThatDoesNotStreamIsNotGuessedToBelongToOneOfTwoClones() {
    assertThatThrownBy(
            () -> Topology.of(List.of(primary("a", "1"), primary("b", "1"), standby("r", "1"))))
        .isInstanceOf(PgsealException.class)
        .hasMessageContaining("cannot be told");
  }

  @Test
  void inACascadeEachStandbyHasItsOwnUpstreamAndDepth() {
    Topology topology =
        Topology.of(
            List.of(
                receiving("leaf", "1", "leaf", "relay"),
                receiving("relay", "1", "relay", "orders", "leaf"),
                sending("orders", "1", "relay")));

    assertThat(topology.members())
        .extracting(
            m -> m.server().name(),
            m -> m.primary() == null ? null : m.primary().name(),
            Topology.Member::depth)
        .containsExactly(
            Tuple.tuple("orders", null, 0),
            Tuple.tuple("relay", "orders", 1),
            Tuple.tuple("leaf", "relay", 2));
    assertThat(topology.members()).allMatch(m -> m.strangers().isEmpty());
  }

  /** Both streams are called walreceiver, as they are where nobody chose a name. */
  @Test
  void standbysOfOneNameAreToldApartByTheAddressTheyReceiveFrom() {
    Topology topology =
        Topology.of(
            List.of(
                sending("orders", "1", "walreceiver"),
                receiving("leaf", "1", "walreceiver", "relay"),
                receiving("relay", "1", "walreceiver", "orders", "walreceiver")));

    assertThat(topology.member("leaf").orElseThrow().primary().name()).isEqualTo("relay");
    assertThat(topology.member("relay").orElseThrow().primary().name()).isEqualTo("orders");
    assertThat(topology.members()).allMatch(m -> m.strangers().isEmpty());
  }

  @Test
  void aWalsenderOfNoMemberIsAStrangerAndOneOfTwoOfTheSameNameStaysOne() {
    Topology topology =
        Topology.of(
            List.of(
                sending("orders", "1", "reader", "reader", "archive"),
                receiving("reader", "1", "reader", "orders")));

    assertThat(topology.member("orders").orElseThrow().strangers())
        .extracting(Walsender::applicationName)
        .containsExactlyInAnyOrder("reader", "archive");
  }

  /** Its walsender's name may be somebody else's by now. */
  @Test
  void aStandbyWhoseStreamIsDownBelongsToThePrimaryAndTakesNoWalsender() {
    Topology topology =
        Topology.of(List.of(sending("orders", "1", "reader"), down("reader", "1", "reader")));

    assertThat(topology.member("reader").orElseThrow().primary().name()).isEqualTo("orders");
    assertThat(topology.member("orders").orElseThrow().strangers()).hasSize(1);
  }

  @Test
  void theSlotDecidesWhereTheNamesAreTheSame() {
    Walsender ofSlot = walsender("walreceiver", "seat", 1);
    Walsender other = walsender("walreceiver", null, 2);
    Topology.Inspected orders =
        new Topology.Inspected(
            server("orders"),
            false,
            "1",
            null,
            null,
            List.of(other, ofSlot),
            List.of("empty"),
            "any 1 (x)");
    Topology.Inspected reader =
        new Topology.Inspected(
            server("reader"),
            true,
            "1",
            null,
            new Topology.Receiver(new StreamName("seat", "walreceiver"), true, null, null),
            List.of(),
            List.of(),
            "");

    Topology topology = Topology.of(List.of(orders, reader));

    Topology.Member primary = topology.member("orders").orElseThrow();
    assertThat(primary.strangers()).containsExactly(other);
    assertThat(primary.remarks())
        .anyMatch(remark -> remark.contains("slot empty is not in use"))
        .anyMatch(remark -> remark.contains("any 1 (x)"));
  }

  static Topology.Inspected primary(String name, String system) {
    return sending(name, system);
  }

  static Topology.Inspected standby(String name, String system) {
    return down(name, system, name);
  }

  /** A primary with walsenders of these names. */
  static Topology.Inspected sending(String name, String system, String... walsenders) {
    return new Topology.Inspected(
        server(name),
        false,
        system,
        "start of " + name,
        null,
        walsenders(walsenders),
        List.of(),
        "");
  }

  /**
   * A standby that streams from the server of that name.
   *
   * @param walsenders its own, in a cascade
   */
  static Topology.Inspected receiving(
      String name, String system, String applicationName, String upstream, String... walsenders) {
    return new Topology.Inspected(
        server(name),
        true,
        system,
        null,
        new Topology.Receiver(new StreamName(null, applicationName), true, upstream, 5432),
        walsenders(walsenders),
        List.of(),
        "");
  }

  private static Topology.Inspected down(String name, String system, String applicationName) {
    return new Topology.Inspected(
        server(name),
        true,
        system,
        null,
        new Topology.Receiver(new StreamName(null, applicationName), false, null, null),
        List.of(),
        List.of(),
        "");
  }

  private static List<Walsender> walsenders(String... names) {
    return IntStream.range(0, names.length)
        .mapToObj(i -> walsender(names[i], null, i + 1))
        .toList();
  }

  private static Walsender walsender(
      String applicationName, @org.jspecify.annotations.Nullable String slot, int pid) {
    return new Walsender(
        pid,
        Instant.EPOCH,
        "replicator",
        applicationName,
        "10.0.0." + pid,
        true,
        slot,
        "streaming",
        "async",
        Encryption.PLAINTEXT);
  }

  /** At a host of its own name. */
  private static ManagedServer server(String name) {
    return new ManagedServer(
        UUID.randomUUID(),
        name,
        name,
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
