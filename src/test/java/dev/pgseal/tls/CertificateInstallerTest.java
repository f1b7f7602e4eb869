package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresServer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an installation that fails or is killed leaves behind. */
class CertificateInstallerTest {

  private final TlsFixture tls = new TlsFixture();

  @AfterEach
  void close() {
    tls.close();
  }

  @Test
  void aRefusedCertificateIsWhatIsToldThoughTheServerWasBrokenBefore() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      KeyFiles.of(postgres).write(KeyFiles.Pair.create());
      KeyFiles.of(postgres).writeKey("garbage");
      postgres.execute("ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()");
      String stranger = KeyFiles.Pair.create().keyPem();
      String chain = KeyFiles.Pair.create().certificate().chainPem();

      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () -> tls.install(server, new CertificateSource.Provided(chain, stranger, null)));

      assertThat(problem.type()).isEqualTo(ProblemType.CERTIFICATE_INVALID);
      assertThat(problem.members()).containsEntry("undone", false).containsKey("undoProblem");
    }
  }

  /** A first contact that was killed left its throw-away certificate, and ssl on. */
  @Test
  void anUndoTurnsOffWhatAFirstContactThatWasKilledTurnedOn() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      List<String> before = tls.autoConf(postgres);
      CertificateInstaller.Undo undo = tls.change(server, tls.installer::prepareUndo);
      KeyFiles.Pair throwAway = KeyFiles.Pair.create();
      KeyFiles.of(postgres).write(throwAway);
      postgres.execute("ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()");
      assertThat(tls.served(postgres)).isEqualTo(throwAway.fingerprint());

      tls.change(
          server,
          change -> {
            tls.installer.undo(change, undo);
            return change;
          });

      assertThat(tls.autoConf(postgres)).isEqualTo(before);
      assertThat(tls.served(postgres)).isEqualTo("N");
    }
  }

  /** A server must never be left without any key. */
  @Test
  void anUndoWhoseEarlierGenerationIsGoneLeavesThePresentOneAlone() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      tls.serveTls(server);
      CertificateInstaller.Undo undo = tls.change(server, tls.installer::prepareUndo);
      tls.install(server, new CertificateSource.SelfSigned());
      String present = tls.served(postgres);

      tls.change(
          server,
          change -> {
            tls.installer.removeOthers(change);
            tls.installer.undo(change, undo);
            return change;
          });

      // what is served says nothing: a running server goes on with the key in its memory
      assertThat(postgres.dataDirectory().resolve("pgseal/current/server.key")).exists();
      assertThat(tls.served(postgres)).isEqualTo(present);
    }
  }
}
