package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SslStateReaderTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private final TlsFixture tls = new TlsFixture();

  @AfterEach
  void close() {
    tls.close();
  }

  @Test
  void aServerIsOffThenOfferedThenEnforcedAndEachFaceSaysWhy() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    ManagedServer server = tls.register("orders", postgres);

    SslState off = tls.state("orders");
    assertThat(off.mode()).isEqualTo(SslState.Mode.OFF);
    assertThat(off.configured().ssl()).isFalse();
    assertThat(off.served().outcome()).isEqualTo(SslState.Served.Outcome.NOT_OFFERED);
    assertThat(off.enforced().verdict()).isEqualTo(SslState.Enforced.Verdict.NOT_ENFORCED);
    assertThat(off.enforced().admittedBy()).hasSize(4);
    assertThat(off.reasons()).isEmpty();

    tls.serveTls(server);
    SslState offered = tls.state("orders");
    assertThat(offered.mode()).isEqualTo(SslState.Mode.OFFERED);
    assertThat(offered.served().fingerprint())
        .isEqualTo(offered.configured().certificate().fingerprint());
    assertThat(offered.served().protocol()).isEqualTo("TLSv1.3");
    assertThat(offered.enforced().plaintextLogin().admitted()).isTrue();

    tls.enforce(server);
    SslState enforced = tls.state("orders");
    assertThat(enforced.mode()).isEqualTo(SslState.Mode.ENFORCED);
    assertThat(enforced.enforced().admittedBy()).isEmpty();
    assertThat(enforced.enforced().plaintextLogin().detail()).contains("no encryption");
    assertThat(enforced.enforced().plaintextReplicationLogin().refused()).isTrue();
    assertThat(enforced.reasons()).isEmpty();
  }

  @PostgresMajors
  void sslThatIsConfiguredOnButAnswersNIsBroken(int major) {
    PostgresServer postgres = fresh(major);
    tls.register("orders", postgres);
    postgres.execute("ALTER SYSTEM SET ssl = on", "ALTER SYSTEM SET ssl_cert_file = 'nowhere'");
    postgres.reload();
    assertThat(postgres.query("SHOW ssl")).isEqualTo("on");

    SslState state = tls.state("orders");

    assertThat(state.mode()).isEqualTo(SslState.Mode.BROKEN);
    assertThat(state.configured().ssl()).isTrue();
    assertThat(state.served().outcome()).isEqualTo(SslState.Served.Outcome.NOT_OFFERED);
    assertThat(state.reasons()).anySatisfy(r -> assertThat(r).contains("configured on", "N"));
  }

  @Test
  void aCertificateFileThatWasSwappedWithoutAReloadIsBroken() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    ManagedServer server = tls.register("orders", postgres);
    KeyFiles.of(postgres).write(KeyFiles.Pair.create());
    tls.change(server, change -> tls.ssl.enable(change, null));
    KeyFiles.Pair other = KeyFiles.Pair.create();
    KeyFiles.of(postgres).write(other);

    SslState state = tls.state("orders");

    assertThat(state.mode()).isEqualTo(SslState.Mode.BROKEN);
    assertThat(state.configured().certificate().fingerprint()).isEqualTo(other.fingerprint());
    assertThat(state.served().fingerprint()).isNotEqualTo(other.fingerprint());
    assertThat(state.reasons()).anySatisfy(r -> assertThat(r).contains("another certificate"));
  }

  @Test
  void rulesOnDiskThatRefusePlaintextWhileTheLoadedOnesAdmitItAreBroken() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    ManagedServer server = tls.register("orders", postgres);
    tls.serveTls(server);
    postgres.writeHba(PostgresServer.DEFAULT_HBA.replace("host ", "hostssl "));

    SslState state = tls.state("orders");

    assertThat(state.mode()).isEqualTo(SslState.Mode.BROKEN);
    assertThat(state.enforced().verdict()).isEqualTo(SslState.Enforced.Verdict.NOT_ENFORCED);
    assertThat(state.reasons()).anySatisfy(r -> assertThat(r).contains("loaded rules admit it"));
  }

  @Test
  void rulesOnDiskThatPostgresWouldRefuseAreBrokenWhateverIsLoaded() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    ManagedServer server = tls.register("orders", postgres);
    tls.serveTls(server);
    tls.enforce(server);
    postgres.writeHba(postgres.hba() + "no record\n");
    postgres.reload();

    SslState state = tls.state("orders");

    assertThat(state.mode()).isEqualTo(SslState.Mode.BROKEN);
    assertThat(state.enforced().plaintextLogin().refused()).as("as it is loaded").isTrue();
    assertThat(state.reasons()).anySatisfy(r -> assertThat(r).contains("would refuse"));
  }

  @Test
  void rulesOnDiskThatAdmitPlaintextAreNotEnforcedThoughTheLoadedOnesAre() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    ManagedServer server = tls.register("orders", postgres);
    tls.serveTls(server);
    tls.enforce(server);
    postgres.writeHba(postgres.hba() + "host app app 10.0.0.0/8 scram-sha-256\n");

    SslState state = tls.state("orders");

    assertThat(state.mode()).isEqualTo(SslState.Mode.OFFERED);
    assertThat(state.enforced().admittedBy()).hasSize(1);
    assertThat(state.enforced().admittedBy().get(0).rule()).contains("host app app");
  }

  @Test
  void aServerThatIsGoneIsUnknownAndNotAnError() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      tls.register("orders", postgres);
      postgres.stop();

      SslState state = tls.state("orders");

      assertThat(state.mode()).isEqualTo(SslState.Mode.UNKNOWN);
      assertThat(state.configured().ssl()).isNull();
      assertThat(state.served().outcome()).isEqualTo(SslState.Served.Outcome.NO_ANSWER);
      assertThat(state.enforced().verdict()).isEqualTo(SslState.Enforced.Verdict.UNKNOWN);
      assertThat(state.reasons()).isNotEmpty();
    }
  }

  @Test
  void aServerThatRefusesOurLoginIsUnknownButWhatIsServedIsSeen() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    tls.serveTls(tls.register("orders", postgres));
    tls.register("orders", postgres, ConnectionSslMode.PREFER, "postgres", "wrong");

    SslState state = tls.state("orders");

    assertThat(state.mode()).isEqualTo(SslState.Mode.UNKNOWN);
    assertThat(state.served().outcome()).isEqualTo(SslState.Served.Outcome.SERVED);
    assertThat(state.reasons()).anySatisfy(r -> assertThat(r).contains("password"));
    assertThat(state.toString()).doesNotContain("wrong");
  }

  /** The shared server of a major as it began. */
  private static PostgresServer fresh(int major) {
    PostgresServer postgres = SERVERS.on(major);
    postgres.writeHba(PostgresServer.DEFAULT_HBA);
    postgres.execute("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
    return postgres;
  }
}
