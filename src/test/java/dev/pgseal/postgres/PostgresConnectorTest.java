package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.LoginTarget;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresConnectorTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  /** With TLS on, as 127.0.0.1. */
  @RegisterExtension static final SharedPostgres TLS_SERVERS = new SharedPostgres();

  private static final TestIdentity IDENTITY = TestIdentity.forAddress("127.0.0.1");

  private final PostgresConnector connector = new PostgresConnector();

  private static PostgresServer tlsServer() {
    PostgresServer server = TLS_SERVERS.latest();
    if (new WireProbe().tls(server.host(), server.port()) instanceof TlsAnswer.NotOffered) {
      IDENTITY.serveOn(server);
    }
    return server;
  }

  private static LoginTarget at(String host, int port, ConnectionSslMode mode, String root) {
    return new LoginTarget(
        host, port, "postgres", PostgresServer.SUPERUSER, PostgresServer.PASSWORD, mode, root);
  }

  private PgsealException refusal(LoginTarget target) {
    return catchThrowableOfType(PgsealException.class, () -> connector.open(target).close());
  }

  @Test
  void aClosedPortIsUnreachable() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    PgsealException problem = refusal(at("127.0.0.1", port, ConnectionSslMode.PREFER, null));

    assertThat(problem.type()).isEqualTo(ProblemType.SERVER_UNREACHABLE);
    assertThat(problem.detail()).contains("connection refused");
    assertThat(problem.members()).containsEntry("host", "127.0.0.1").containsEntry("port", port);
  }

  @Test
  void anUnknownHostIsUnreachable() {
    PgsealException problem =
        refusal(at("no-such-host.invalid", 5432, ConnectionSslMode.PREFER, null));

    assertThat(problem.type()).isEqualTo(ProblemType.SERVER_UNREACHABLE);
    assertThat(problem.detail()).contains("unknown host");
  }

  @Test
  void aHostThatIsMoreThanAHostIsRefused() {
    PgsealException problem =
        refusal(at("127.0.0.1:1,evil/x?sslmode=disable&a=", 1, ConnectionSslMode.REQUIRE, null));

    assertThat(problem.type()).isEqualTo(ProblemType.VALIDATION_FAILED);
  }

  @Test
  void aServerThatNeverAnswersIsUnreachableInTime() throws IOException {
    PostgresConnector impatient =
        new PostgresConnector(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(2));
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      LoginTarget target = at("127.0.0.1", silent.getLocalPort(), ConnectionSslMode.REQUIRE, null);

      PgsealException problem =
          catchThrowableOfType(PgsealException.class, () -> impatient.open(target).close());

      assertThat(problem.type()).isEqualTo(ProblemType.SERVER_UNREACHABLE);
      assertThat(problem.detail()).contains("no answer in time");
    }
  }

  @PostgresMajors
  void aWrongPasswordIsToldInTheServersWords(int major) {
    PostgresServer server = SERVERS.on(major);

    PgsealException problem =
        refusal(Logins.as(server, PostgresServer.SUPERUSER, "not-the-password"));

    assertThat(problem.type()).isEqualTo(ProblemType.LOGIN_REFUSED);
    assertThat(problem.detail())
        .contains("password authentication failed for user \"postgres\"")
        .doesNotContain("not-the-password");
    assertThat(problem.members())
        .containsEntry("sqlState", "28P01")
        .containsEntry("hint", "Check the user name and the password.");
  }

  @Test
  void aDatabaseThatDoesNotExistIsTold() {
    LoginTarget login = Logins.superuser(SERVERS.latest());

    PgsealException problem =
        refusal(
            new LoginTarget(
                login.host(),
                login.port(),
                "no such/database",
                login.username(),
                login.password(),
                login.sslMode(),
                null));

    assertThat(problem.type()).isEqualTo(ProblemType.LOGIN_REFUSED);
    assertThat(problem.detail()).contains("database \"no such/database\" does not exist");
  }

  @Test
  void requireAtAServerWithoutTlsIsRefusedWithACure() {
    LoginTarget target = Logins.superuser(SERVERS.latest());

    PgsealException problem = refusal(target.withSslMode(ConnectionSslMode.REQUIRE));

    assertThat(problem.type()).isEqualTo(ProblemType.LOGIN_REFUSED);
    assertThat(problem.detail()).contains("does not offer TLS");
    assertThat(problem.members().get("hint").toString()).contains("PREFER");
  }

  @Test
  void anHbaRefusalIsToldInTheServersWords() {
    try (PostgresServer server =
        PostgresServer.latest()
            .hba("local all all scram-sha-256\nhost all postgres 127.0.0.1/32 scram-sha-256\n")
            .start()) {
      PgsealException problem = refusal(Logins.as(server, "somebody", "x"));

      assertThat(problem.type()).isEqualTo(ProblemType.LOGIN_REFUSED);
      assertThat(problem.detail()).contains("no pg_hba.conf entry");
    }
  }

  @Test
  void preferAndRequireTravelInsideTlsWhateverTheCertificate() {
    PostgresServer server = tlsServer();
    for (ConnectionSslMode mode :
        new ConnectionSslMode[] {ConnectionSslMode.PREFER, ConnectionSslMode.REQUIRE}) {
      try (PostgresSession session = connector.open(at("localhost", server.port(), mode, null))) {
        assertThat(session.encrypted()).as(mode.name()).isTrue();
      }
    }
  }

  @Test
  void verifyFullAcceptsTheAuthorityAndTheName() {
    PostgresServer server = tlsServer();
    LoginTarget target =
        at("127.0.0.1", server.port(), ConnectionSslMode.VERIFY_FULL, IDENTITY.certificate());

    try (PostgresSession session = connector.open(target)) {
      assertThat(session.encrypted()).isTrue();
    }
  }

  @Test
  void verifyFullRefusesAHostThatTheCertificateDoesNotName() {
    LoginTarget target =
        at("localhost", tlsServer().port(), ConnectionSslMode.VERIFY_FULL, IDENTITY.certificate());

    PgsealException problem = refusal(target);

    assertThat(problem.type()).isEqualTo(ProblemType.LOGIN_REFUSED);
    assertThat(problem.detail()).contains("does not name this host");
  }

  @Test
  void verifyCaAcceptsAHostThatTheCertificateDoesNotName() {
    LoginTarget target =
        at("localhost", tlsServer().port(), ConnectionSslMode.VERIFY_CA, IDENTITY.certificate());

    try (PostgresSession session = connector.open(target)) {
      assertThat(session.encrypted()).isTrue();
    }
  }

  @Test
  void verifyCaRefusesAnotherAuthority() {
    String another = TestIdentity.forAddress("127.0.0.1").certificate();

    PgsealException problem =
        refusal(at("127.0.0.1", tlsServer().port(), ConnectionSslMode.VERIFY_CA, another));

    assertThat(problem.type()).isEqualTo(ProblemType.LOGIN_REFUSED);
    assertThat(problem.detail()).contains("TLS handshake failed");
    assertThat(problem.members().get("hint").toString()).contains("sslRootCertificate");
  }

  @Test
  void verifyingWithoutAnAuthorityIsRefusedBeforeConnecting() {
    PgsealException problem = refusal(at("127.0.0.1", 1, ConnectionSslMode.VERIFY_FULL, null));

    assertThat(problem.type()).isEqualTo(ProblemType.LOGIN_REFUSED);
    assertThat(problem.detail()).contains("certificate authority");
  }

  @Test
  void anAuthorityThatIsNoPemIsRefusedBeforeConnecting() {
    for (String text : new String[] {"not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"}) {
      PgsealException problem = refusal(at("127.0.0.1", 1, ConnectionSslMode.VERIFY_CA, text));

      assertThat(problem.type()).isEqualTo(ProblemType.CERTIFICATE_INVALID);
      assertThat(problem.detail()).contains("sslRootCertificate");
    }
  }

  @Test
  void aBorrowedConnectionIsKeptUntilTheFlush() {
    UUID server = UUID.randomUUID();
    LoginTarget target = Logins.superuser(SERVERS.latest());

    int first = borrowedPid(server, target);
    int second = borrowedPid(server, target);
    connector.flush(server);
    int third = borrowedPid(server, target);
    connector.flush(server);

    assertThat(second).isEqualTo(first);
    assertThat(third).isNotEqualTo(first);
    await().until(() -> SERVERS.latest().query(sessionsWithPid(first, third)), "0"::equals);
  }

  private int borrowedPid(UUID server, LoginTarget target) {
    try (PostgresSession session = connector.borrow(server, target)) {
      return session.pid();
    }
  }

  private static String sessionsWithPid(int first, int second) {
    return "SELECT count(*) FROM pg_stat_activity WHERE pid IN (%d, %d)".formatted(first, second);
  }

  @Test
  void aFlushDoesNotCutASessionInUse() {
    UUID server = UUID.randomUUID();
    LoginTarget target = Logins.superuser(SERVERS.latest());
    int pid;
    try (PostgresSession session = connector.borrow(server, target)) {
      pid = session.pid();
      connector.flush(server);

      assertThat(session.queryOne("SELECT 7", row -> row.getInt(1))).contains(7);
    }
    await().until(() -> SERVERS.latest().query(sessionsWithPid(pid, pid)), "0"::equals);
  }

  @Test
  void nothingSetInABorrowedSessionReachesTheNext() {
    UUID server = UUID.randomUUID();
    LoginTarget target = Logins.superuser(SERVERS.latest());
    int pid;
    try (PostgresSession session = connector.borrow(server, target)) {
      pid = session.pid();
      new SecretSession(connector).quiet(session);
      session.execute("SELECT set_config('pgseal.input', ?, false)", "left behind");
      session.tryAdvisoryLock(7);
    }
    try (PostgresSession session = connector.borrow(server, target)) {
      assertThat(session.pid()).isEqualTo(pid);
      assertThat(session.isQuiet()).isFalse();
      assertThat(
              session.queryOne(
                  "SELECT current_setting('pgseal.input', true)", row -> row.getString(1)))
          .isNotEqualTo(java.util.Optional.of("left behind"));
      assertThat(
              session.queryOne(
                  "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7",
                  row -> row.getInt(1)))
          .contains(0);
    }
    connector.flush(server);
  }

  @Test
  void aConnectionThatDiedInThePoolIsReplaced() {
    UUID server = UUID.randomUUID();
    LoginTarget target = Logins.superuser(SERVERS.latest());
    int first = borrowedPid(server, target);
    SERVERS.latest().query("SELECT pg_terminate_backend(" + first + ", 5000)");

    assertThat(borrowedPid(server, target)).isNotEqualTo(first);
    connector.flush(server);
  }

  @Test
  void anUnusedPoolDisappears() {
    UUID server = UUID.randomUUID();
    borrowedPid(server, Logins.superuser(SERVERS.latest()));
    assertThat(connector.poolCount()).isEqualTo(1);

    connector.retireUnused(Duration.ZERO);

    assertThat(connector.poolCount()).isZero();
  }

  @Test
  void aChangedLoginGetsAPoolOfItsOwn() {
    UUID server = UUID.randomUUID();
    LoginTarget target = Logins.superuser(SERVERS.latest());
    int first = borrowedPid(server, target);

    assertThat(borrowedPid(server, target.withSslMode(ConnectionSslMode.DISABLE)))
        .isNotEqualTo(first);
    assertThat(connector.poolCount()).isEqualTo(1);
    connector.flush(server);
  }

  @Test
  void aRefusedLoginIsToldByThePoolToo() {
    LoginTarget target = Logins.as(SERVERS.latest(), PostgresServer.SUPERUSER, "wrong");

    PgsealException problem =
        catchThrowableOfType(
            PgsealException.class, () -> connector.borrow(UUID.randomUUID(), target).close());

    assertThat(problem.type()).isEqualTo(ProblemType.LOGIN_REFUSED);
    assertThat(problem.members()).containsEntry("sqlState", "28P01");
  }
}
