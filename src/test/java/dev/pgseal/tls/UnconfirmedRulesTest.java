package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgseal.postgres.Fingerprints;
import dev.pgseal.postgres.HbaDeadMan;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of rules that are proved too late, or by nobody. */
class UnconfirmedRulesTest {

  private static final ConfirmOrRevert SOON = new ConfirmOrRevert(Duration.ofSeconds(1), null);
  private static final ConfirmOrRevert OFF = new ConfirmOrRevert(null, true);

  private static final HbaNote NOTE = HbaNote.changed("ann", "test");

  private final TlsFixture tls = new TlsFixture();
  private PostgresServer postgres;
  private ManagedServer server;

  @BeforeEach
  void start() {
    postgres = PostgresServer.latest().start();
    server = tls.register("orders", postgres);
  }

  @AfterEach
  void stop() {
    tls.close();
    postgres.close();
  }

  @Test
  void rulesThatAreNotProvedInTimeAreTakenBackByTheServerItself() {
    CompletableFuture<Void> awake =
        CompletableFuture.runAsync(
            () -> {
              await().until(() -> postgres.hba().contains("# ours"));
              await().until(() -> postgres.hba().equals(PostgresServer.DEFAULT_HBA));
              signal("CONT");
            });

    PgsealException problem =
        catchThrowableOfType(
            PgsealException.class,
            () ->
                tls.change(
                    server,
                    change -> {
                      RulesChange.Prepared prepared = prepared(change);
                      // accepts no connection, so nothing can be proved
                      signal("STOP");
                      return tls.rules.apply(change, prepared, NOTE, SOON);
                    }));

    awake.join();
    assertThat(problem.type()).isEqualTo(ProblemType.HBA_NOT_TAKEN);
    assertThat(problem.members()).containsEntry("undone", true);
    assertThat(postgres.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);
    assertThat(postgres.query("SELECT 1")).isEqualTo("1");
    await().untilAsserted(() -> assertThat(left()).isEmpty());
  }

  @Test
  void provedRulesLeaveNoWatcherBehind() {
    tls.change(
        server, change -> tls.rules.apply(change, prepared(change), NOTE, ConfirmOrRevert.DEFAULT));

    assertThat(postgres.hba()).contains("# ours");
    assertThat(left()).isEmpty();
  }

  @Test
  void withoutAWatcherNothingIsArmed() {
    tls.change(
        server,
        change -> {
          RulesChange.Applied applied = tls.rules.apply(change, prepared(change), NOTE, OFF);
          assertThat(new HbaDeadMan().unconfirmed(change.session())).isEmpty();
          return applied;
        });

    assertThat(postgres.hba()).contains("# ours");
  }

  @Test
  void theNextChangeConfirmsWhatALostProcessWroteIfItsLoginGetsIn() {
    String theirs = PostgresServer.DEFAULT_HBA + "# written by one that died\n";
    tls.change(
        server,
        change -> {
          arm(change, theirs, Duration.ofMinutes(10));
          postgres.writeHba(theirs);
          return true;
        });

    tls.change(
        server, change -> tls.rules.apply(change, prepared(change), NOTE, ConfirmOrRevert.DEFAULT));

    assertThat(postgres.hba()).contains("# written by one that died", "# ours");
    assertThat(left()).isEmpty();
  }

  private void arm(ServerUnderChange change, String candidate, Duration within) {
    new HbaDeadMan()
        .arm(
            change.session(),
            List.of(
                new HbaDeadMan.Watched(
                    postgres.hbaFile().toString(),
                    sha256(PostgresServer.DEFAULT_HBA),
                    sha256(candidate))),
            within);
  }

  private static String sha256(String text) {
    return Fingerprints.sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  private RulesChange.Prepared prepared(ServerUnderChange change) {
    HbaLoader.Loaded present = tls.loader.load(change.session());
    String text = new String(present.onDisk().content(), StandardCharsets.UTF_8) + "# ours\n";
    return tls.rules.prepare(
        change,
        tls.loader.withContent(change.session(), present, text.getBytes(StandardCharsets.UTF_8)),
        present.tag(),
        RulesChange.Requirement.NONE,
        false);
  }

  private void signal(String name) {
    try {
      String pid =
          Files.readAllLines(postgres.dataDirectory().resolve("postmaster.pid")).get(0).strip();
      assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor()).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private List<String> left() {
    try (Stream<Path> files = Files.walk(postgres.dataDirectory().resolve("pgseal"))) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("previous.conf"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
