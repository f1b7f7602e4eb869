package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicationTest {

  private final Replication replication = new Replication();
  private final ServerConnections connections = new ServerConnections();

  @ParameterizedTest
  @ValueSource(ints = {PostgresMajors.OLDEST, PostgresMajors.LATEST})
  void bothEndsOfAStreamAreSeen(int major) {
    try (PostgresServer primary = PostgresServer.start(major);
        PostgresServer standby = primary.standby("reporting");
        PostgresSession onPrimary = Logins.open(primary);
        PostgresSession onStandby = Logins.open(standby)) {
      List<Walsender> walsenders = replication.walsenders(onPrimary);

      assertThat(walsenders).hasSize(1);
      Walsender walsender = walsenders.get(0);
      assertThat(walsender.applicationName()).isEqualTo("reporting");
      assertThat(walsender.physical()).isTrue();
      assertThat(walsender.state()).isEqualTo("streaming");
      assertThat(walsender.syncState()).isEqualTo("async");
      assertThat(walsender.clientAddress()).isEqualTo("127.0.0.1");
      assertThat(walsender.encryption()).isEqualTo(Encryption.PLAINTEXT);

      WalReceiver receiver = replication.walReceiver(onStandby).orElseThrow();
      assertThat(receiver.status()).isEqualTo("streaming");
      assertThat(receiver.senderPort()).isEqualTo(primary.port());
      assertThat(receiver.conninfo()).doesNotContain(PostgresServer.REPLICATION_PASSWORD);
      assertThat(replication.primaryConninfo(onStandby))
          .hasValueSatisfying(conninfo -> assertThat(conninfo).contains("user="));

      assertThat(replication.walReceiver(onPrimary)).isEmpty();
      assertThat(replication.primaryConninfo(onPrimary)).isEmpty();
      ServerFacts facts = new ServerFactsReader().read(onStandby);
      assertThat(facts.inRecovery()).isTrue();
      assertThat(facts.systemIdentifier())
          .isEqualTo(new ServerFactsReader().read(onPrimary).systemIdentifier());
      theWalsenderIsListedAndCanBeEnded(onPrimary, walsender);
    }
  }

  private void theWalsenderIsListedAndCanBeEnded(PostgresSession session, Walsender walsender) {
    ServerConnection listed =
        connections.list(session).stream()
            .filter(connection -> connection.pid() == walsender.pid())
            .findFirst()
            .orElseThrow();
    assertThat(listed.physicalReplication()).isTrue();
    assertThat(listed.encryption()).isEqualTo(Encryption.PLAINTEXT);
    assertThat(
            connections.terminate(
                session, listed.pid(), listed.backendStart(), Duration.ofSeconds(10)))
        .isEqualTo(TerminateResult.TERMINATED);
  }
}
