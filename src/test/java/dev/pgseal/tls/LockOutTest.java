package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The ways in which servers are locked by changing TLS and rules carelessly, tried and refused. */
class LockOutTest {

  private static final String TLS_ONLY = PostgresServer.DEFAULT_HBA.replace("host ", "hostssl ");

  private final TlsFixture tls = new TlsFixture();

  @AfterEach
  void close() {
    tls.close();
  }

  @PostgresMajors
  void l1TlsStaysOnWhileTheRulesDemandIt(int major) {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      ManagedServer server = tls.register("orders", postgres);
      tls.serveTls(server);
      tls.enforce(server);
      Untouched untouched = new Untouched(postgres);

      PgsealException problem = refused(() -> disable(server));

      assertThat(problem.type()).isEqualTo(ProblemType.LOCKOUT_RISK);
      assertThat(problem.detail()).contains("no pg_hba.conf entry");
      untouched.hold();
      assertThat(tls.state("orders").mode()).isEqualTo(SslState.Mode.ENFORCED);
    }
  }

  @Test
  void l1TlsStaysOnWhilePgsealItselfDemandsIt() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      tls.serveTls(tls.register("orders", postgres));
      ManagedServer demanding = tls.register("orders", postgres, ConnectionSslMode.REQUIRE);
      Untouched untouched = new Untouched(postgres);

      PgsealException problem = refused(() -> disable(demanding));

      assertThat(problem.type()).isEqualTo(ProblemType.LOCKOUT_RISK);
      assertThat(problem.detail()).contains("sslmode=require");
      untouched.hold();
    }
  }

  @Test
  void l2ATypoInTheRelaxedRulesKeepsTlsOn() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      tls.serveTls(server);
      tls.enforce(server);
      Untouched untouched = new Untouched(postgres);

      String typo = PostgresServer.DEFAULT_HBA.replaceFirst("127.0.0.1/32", "127.0.0.1/322");
      assertThat(refused(() -> replaceRules(server, typo)).type())
          .isEqualTo(ProblemType.HBA_INVALID);
      assertThat(refused(() -> disable(server)).type()).isEqualTo(ProblemType.LOCKOUT_RISK);

      untouched.hold();
    }
  }

  @Test
  void l2ATypoThatSomebodyLeftOnDiskKeepsTlsOn() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      tls.serveTls(server);
      postgres.writeHba(PostgresServer.DEFAULT_HBA.replaceFirst("host ", "hsot "));
      Untouched untouched = new Untouched(postgres);

      PgsealException problem = refused(() -> disable(server));

      assertThat(problem.type()).isEqualTo(ProblemType.FOREIGN_CONFIGURATION_ERROR);
      untouched.hold();
    }
  }

  @Test
  void l3PlaintextIsNotRefusedWhileTheKeyIsBroken() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      KeyFiles files = KeyFiles.of(postgres);
      files.write(KeyFiles.Pair.create());
      files.keyMode("rw-r--r--");
      Untouched untouched = new Untouched(postgres);

      assertThat(refused(() -> tls.change(server, c -> tls.ssl.enable(c, null))).type())
          .isEqualTo(ProblemType.SSL_NOT_TAKEN);
      assertThat(refused(() -> tls.enforce(server)).type()).isEqualTo(ProblemType.LOCKOUT_RISK);
      assertThat(refused(() -> replaceRules(server, TLS_ONLY)).type())
          .isEqualTo(ProblemType.LOCKOUT_RISK);

      untouched.hold();
    }
  }

  @Test
  void l3SslThatIsOnlyConfiguredOnDoesNotCountAsServed() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      postgres.execute("ALTER SYSTEM SET ssl = on");
      postgres.reload();
      assertThat(postgres.query("SHOW ssl")).isEqualTo("on");
      Untouched untouched = new Untouched(postgres);

      assertThat(refused(() -> tls.enforce(server)).type()).isEqualTo(ProblemType.LOCKOUT_RISK);
      assertThat(refused(() -> replaceRules(server, TLS_ONLY)).type())
          .isEqualTo(ProblemType.LOCKOUT_RISK);

      untouched.hold();
    }
  }

  @Test
  void l4PlaintextIsNotRefusedWhileSomebodyElsesErrorBlocksTheSettings() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      KeyFiles.of(postgres).write(KeyFiles.Pair.create());
      append(postgres, "\nnonsense\n");
      Untouched untouched = new Untouched(postgres);

      assertThat(refused(() -> tls.change(server, c -> tls.ssl.enable(c, null))).type())
          .isEqualTo(ProblemType.FOREIGN_CONFIGURATION_ERROR);
      refused(() -> tls.enforce(server));
      assertThat(refused(() -> replaceRules(server, TLS_ONLY)).type())
          .isIn(ProblemType.FOREIGN_CONFIGURATION_ERROR, ProblemType.LOCKOUT_RISK);

      untouched.hold();
    }
  }

  @Test
  void l5PlaintextIsNotRefusedWhileTheCommandLineKeepsSslOff() {
    try (PostgresServer postgres =
        PostgresServer.latest().commandLineSetting("ssl", "off").start()) {
      ManagedServer server = tls.register("orders", postgres);
      KeyFiles.of(postgres).write(KeyFiles.Pair.create());
      postgres.execute("ALTER SYSTEM SET ssl = on");
      postgres.reload();
      Untouched untouched = new Untouched(postgres);

      assertThat(refused(() -> tls.change(server, c -> tls.ssl.enable(c, null))).type())
          .isEqualTo(ProblemType.SETTING_NOT_CHANGEABLE);
      assertThat(refused(() -> tls.enforce(server)).type()).isEqualTo(ProblemType.LOCKOUT_RISK);

      untouched.hold();
    }
  }

  @Test
  void l6NoRuleAsksForClientCertificatesWithoutAuthoritiesToCheckThem() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      tls.serveTls(server);
      Untouched untouched = new Untouched(postgres);

      PgsealException everybody = refused(() -> replaceRules(server, "hostssl all all all cert\n"));
      PgsealException others =
          refused(
              () ->
                  replaceRules(
                      server,
                      "hostssl all app all scram-sha-256 clientcert=verify-ca\n"
                          + PostgresServer.DEFAULT_HBA));

      assertThat(everybody.type()).isEqualTo(ProblemType.LOCKOUT_RISK);
      assertThat(others.type()).isEqualTo(ProblemType.LOCKOUT_RISK);
      assertThat(others.detail()).contains("ssl_ca_file").contains("Line 1");
      untouched.hold();
    }
  }

  private void disable(ManagedServer server) {
    tls.change(
        server,
        change -> {
          tls.ssl.disable(change);
          return change;
        });
  }

  private void replaceRules(ManagedServer server, String text) {
    String sha256 = tls.hbaRules.read(server).tag();
    tls.hbaRules.replace(server, text.getBytes(StandardCharsets.UTF_8), sha256, "ann");
  }

  private static PgsealException refused(ThrowingCallable verb) {
    PgsealException problem = catchThrowableOfType(PgsealException.class, verb);
    assertThat(problem).as("refused").isNotNull();
    return problem;
  }

  /** What must be the same after a verb was refused. */
  private final class Untouched {
    private final PostgresServer postgres;
    private final String rules;
    private final String served;
    private final java.util.List<String> settings;

    Untouched(PostgresServer postgres) {
      this.postgres = postgres;
      this.rules = postgres.hba();
      this.served = tls.served(postgres);
      this.settings = tls.autoConf(postgres);
    }

    void hold() {
      assertThat(postgres.hba()).isEqualTo(rules);
      assertThat(tls.served(postgres)).isEqualTo(served);
      assertThat(tls.autoConf(postgres)).isEqualTo(settings);
      try (Connection login = postgres.connect()) {
        assertThat(login.isValid(5)).isTrue();
      } catch (SQLException e) {
        throw new AssertionError("locked out", e);
      }
    }
  }

  private static void append(PostgresServer postgres, String text) {
    try {
      Files.writeString(
          postgres.dataDirectory().resolve("postgresql.conf"), text, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
