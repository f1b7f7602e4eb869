package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WireProbeTest {

  private static final String HBA =
      """
      host    gone      all      all           reject
      hostssl sealed    all      all           trust
      host    open      all      all           trust
      host    replication postgres all         trust
      host    all       postgres 127.0.0.1/32  scram-sha-256
      local   all       all                    scram-sha-256
      """;

  /** Without TLS. */
  @RegisterExtension
  static final SharedPostgres PLAIN =
      new SharedPostgres(b -> b.hba(HBA).setting("authentication_timeout", "20s"));

  /** With TLS. */
  @RegisterExtension
  static final SharedPostgres TLS =
      new SharedPostgres(b -> b.hba(HBA).setting("authentication_timeout", "20s"));

  private static final TestIdentity IDENTITY = TestIdentity.forAddress("127.0.0.1");

  private final WireProbe probe = new WireProbe();

  private PostgresServer tlsServer(int major) {
    PostgresServer server = TLS.on(major);
    if (probe.tls(server.host(), server.port()) instanceof TlsAnswer.NotOffered) {
      IDENTITY.serveOn(server);
    }
    return server;
  }

  private LoginAnswer login(PostgresServer server, LoginAttempt attempt) {
    return probe.login(server.host(), server.port(), attempt);
  }

  @PostgresMajors
  void aServerWithoutTlsDoesNotOfferIt(int major) {
    PostgresServer server = PLAIN.on(major);

    assertThat(probe.tls(server.host(), server.port())).isEqualTo(new TlsAnswer.NotOffered());
    assertThat(login(server, LoginAttempt.tls("postgres", "open")))
        .isInstanceOf(LoginAnswer.TlsNotOffered.class);
  }

  @PostgresMajors
  void theServedCertificateIsSeen(int major) {
    PostgresServer server = tlsServer(major);

    for (String host : new String[] {"127.0.0.1", "localhost"}) {
      TlsAnswer answer = probe.tls(host, server.port());

      assertThat(answer).isInstanceOf(TlsAnswer.Served.class);
      TlsAnswer.Served served = (TlsAnswer.Served) answer;
      assertThat(served.protocol()).isEqualTo("TLSv1.3");
      assertThat(served.cipher()).startsWith("TLS_");
      assertThat(served.chain()).hasSize(1);
      assertThat(served.fingerprint()).isEqualTo(IDENTITY.fingerprint());
    }
  }

  @PostgresMajors
  void aTlsVersionCanBeAskedFor(int major) {
    PostgresServer server = tlsServer(major);

    TlsAnswer answer = probe.tls(server.host(), server.port(), "TLSv1.2");

    assertThat(answer).isInstanceOf(TlsAnswer.Served.class);
    assertThat(((TlsAnswer.Served) answer).protocol()).isEqualTo("TLSv1.2");
  }

  @Test
  void aTlsVersionBelowTheMinimumIsAFailedHandshake() {
    try (PostgresServer server =
        PostgresServer.latest().setting("ssl_min_protocol_version", "TLSv1.3").start()) {
      IDENTITY.serveOn(server);

      assertThat(probe.tls(server.host(), server.port(), "TLSv1.2"))
          .isInstanceOf(TlsAnswer.HandshakeFailed.class);
      assertThat(probe.tls(server.host(), server.port())).isInstanceOf(TlsAnswer.Served.class);
    }
  }

  @PostgresMajors
  void theLoadedRulesAnswerALogin(int major) {
    PostgresServer server = tlsServer(major);

    assertThat(login(server, LoginAttempt.plaintext("postgres", "postgres")))
        .isEqualTo(new LoginAnswer.Admitted("SASL SCRAM-SHA-256"));
    assertThat(login(server, LoginAttempt.tls("postgres", "postgres")))
        .isEqualTo(new LoginAnswer.Admitted("SASL SCRAM-SHA-256-PLUS,SCRAM-SHA-256"));
    assertThat(login(server, LoginAttempt.plaintext("nobody", "open")))
        .isEqualTo(new LoginAnswer.Admitted("Ok"));
    assertThat(login(server, LoginAttempt.tls("nobody", "sealed")))
        .isEqualTo(new LoginAnswer.Admitted("Ok"));
  }

  @PostgresMajors
  void aRefusalIsToldApartFromAReject(int major) {
    PostgresServer server = tlsServer(major);

    LoginAnswer refused = login(server, LoginAttempt.plaintext("nobody", "sealed"));
    LoginAnswer rejected = login(server, LoginAttempt.plaintext("nobody", "gone"));

    assertThat(refused).isInstanceOf(LoginAnswer.Refused.class);
    assertThat(((LoginAnswer.Refused) refused).sqlState()).isEqualTo("28000");
    assertThat(((LoginAnswer.Refused) refused).byReject()).isFalse();
    assertThat(((LoginAnswer.Refused) refused).message()).contains("no encryption");
    assertThat(rejected).isInstanceOf(LoginAnswer.Refused.class);
    assertThat(((LoginAnswer.Refused) rejected).byReject()).isTrue();
  }

  @PostgresMajors
  void physicalReplicationIsJudgedByItsOwnKeyword(int major) {
    PostgresServer server = PLAIN.on(major);

    assertThat(login(server, LoginAttempt.plaintext("postgres", "any").asPhysicalReplication()))
        .isEqualTo(new LoginAnswer.Admitted("Ok"));
    LoginAnswer refused =
        login(server, LoginAttempt.plaintext("nobody", "open").asPhysicalReplication());
    assertThat(refused).isInstanceOf(LoginAnswer.Refused.class);
    assertThat(((LoginAnswer.Refused) refused).message()).contains("replication connection");
  }

  @PostgresMajors
  void probesLeaveNoBrokenConnectionsInTheServersLog(int major) {
    PostgresServer server = tlsServer(major);

    login(server, LoginAttempt.plaintext("postgres", "postgres"));
    login(server, LoginAttempt.tls("postgres", "postgres"));
    login(server, LoginAttempt.plaintext("postgres", "open"));
    login(server, LoginAttempt.tls("postgres", "sealed"));
    login(server, LoginAttempt.tls("postgres", "x").asPhysicalReplication());
    probe.tls(server.host(), server.port());

    assertThat(server.log())
        .doesNotContain("Connection reset by peer")
        .doesNotContain("message type")
        .doesNotContain("incomplete startup packet")
        .doesNotContain("SSL error")
        .doesNotContain("unexpected EOF");
  }

  @Test
  void aFullServerIsInconclusive() {
    try (PostgresServer server =
        PostgresServer.builder(PostgresMajors.OLDEST)
            .setting("max_connections", "1")
            .setting("superuser_reserved_connections", "0")
            .setting("max_wal_senders", "0")
            .setting("autovacuum_max_workers", "1")
            .start()) {
      try (PostgresSession session = Logins.open(server)) {
        assertThat(session.isUsable()).isTrue();
        LoginAnswer answer = login(server, LoginAttempt.plaintext("postgres", "postgres"));

        assertThat(answer).isInstanceOf(LoginAnswer.Inconclusive.class);
        assertThat(((LoginAnswer.Inconclusive) answer).reason()).contains("53300");
      }
    }
  }
}
