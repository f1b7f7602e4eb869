package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgseal.postgres.HbaDeadMan.Armed;
import dev.pgseal.postgres.HbaDeadMan.Watched;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class HbaDeadManTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private static final String LOCKED_OUT = "local all all trust\n";
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration NEVER = Duration.ofMinutes(10);

  private final HbaDeadMan deadMan = new HbaDeadMan();
  private final HbaFile hba = new HbaFile();

  @AfterEach
  void asBefore() {
    SERVERS.started().forEach(server -> server.writeHba(PostgresServer.DEFAULT_HBA));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Watched watched(PostgresServer server, String candidate) {
    return new Watched(
        server.hbaFile().toString(),
        Fingerprints.sha256(bytes(PostgresServer.DEFAULT_HBA)),
        Fingerprints.sha256(bytes(candidate)));
  }

  private static void reload(PostgresSession session) {
    session.queryOne("SELECT pg_reload_conf()", row -> row.getBoolean(1));
  }

  private static boolean admitted(PostgresServer server) {
    try (PostgresSession session = Logins.open(server)) {
      return session.isUsable();
    } catch (PgsealException e) {
      return false;
    }
  }

  private static List<String> left(PostgresServer server) throws IOException {
    try (Stream<Path> files = Files.walk(server.dataDirectory().resolve("pgseal"))) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("previous.conf"))
          .toList();
    }
  }

  @PostgresMajors
  void rulesThatNobodyConfirmsComeBackAndAreLoaded(int major) throws IOException {
    PostgresServer server = SERVERS.on(major);
    try (PostgresSession session = Logins.open(server)) {
      deadMan.arm(session, List.of(watched(server, LOCKED_OUT)), SOON);
      hba.replace(session, bytes(LOCKED_OUT), hba.read(session).sha256());
      reload(session);
    }

    await().until(() -> server.hba().equals(PostgresServer.DEFAULT_HBA));
    await().until(() -> admitted(server));
    await().untilAsserted(() -> assertThat(left(server)).isEmpty());
    try (PostgresSession session = Logins.open(server)) {
      assertThat(deadMan.unconfirmed(session)).isEmpty();
    }
  }

  @Test
  void theWatcherOutlivesTheSessionThatStartedItEvenWhenThatIsTerminated() throws IOException {
    PostgresServer server = SERVERS.on(16);
    try (PostgresSession session = Logins.open(server);
        PostgresSession other = Logins.open(server)) {
      deadMan.arm(session, List.of(watched(server, LOCKED_OUT)), Duration.ofSeconds(2));
      hba.replace(session, bytes(LOCKED_OUT), hba.read(session).sha256());
      other.queryOne("SELECT pg_terminate_backend(?)", row -> row.getBoolean(1), session.pid());
    } catch (PgsealException closingATerminatedSession) {
      assertThat(server.hba()).isEqualTo(LOCKED_OUT);
    }

    await().until(() -> server.hba().equals(PostgresServer.DEFAULT_HBA));
  }

  @PostgresMajors
  void confirmedRulesStayAndNothingIsLeftBehind(int major) throws IOException {
    PostgresServer server = SERVERS.on(major);
    String better = PostgresServer.DEFAULT_HBA + "host all all 192.0.2.0/24 reject\n";
    try (PostgresSession session = Logins.open(server)) {
      Armed armed = deadMan.arm(session, List.of(watched(server, better)), NEVER);
      hba.replace(session, bytes(better), hba.read(session).sha256());
      assertThat(deadMan.unconfirmed(session)).contains(armed);

      assertThat(deadMan.confirm(session, armed)).isTrue();

      assertThat(deadMan.unconfirmed(session)).isEmpty();
      assertThat(left(server)).isEmpty();
      assertThat(deadMan.confirm(session, armed)).isFalse();
      await().until(() -> watchers(armed).isEmpty());
      assertThat(server.hba()).isEqualTo(better);
    }
  }

  private static List<Long> watchers(Armed armed) {
    String name = armed.marker().substring(armed.marker().lastIndexOf('/') + 1);
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(name))
        .map(ProcessHandle::pid)
        .toList();
  }

  @Test
  void aTextThatSomebodyElseWroteMeanwhileStays() throws IOException {
    PostgresServer server = SERVERS.on(16);
    String byHand = PostgresServer.DEFAULT_HBA + "# by hand\n";
    try (PostgresSession session = Logins.open(server)) {
      Armed armed = deadMan.arm(session, List.of(watched(server, LOCKED_OUT)), SOON);
      Files.writeString(server.hbaFile(), byHand);

      await().untilAsserted(() -> assertThat(left(server)).isEmpty());

      assertThat(server.hba()).isEqualTo(byHand);
      assertThat(deadMan.confirm(session, armed)).isFalse();
    }
  }

  @Test
  void severalFilesComeBackTogether() throws IOException {
    PostgresServer server = SERVERS.on(16);
    Path included = server.dataDirectory().resolve("more rules.conf");
    Files.writeString(included, "host all all 192.0.2.1/32 reject\n");
    String main = PostgresServer.DEFAULT_HBA + "include \"more rules.conf\"\n";
    server.writeHba(main);
    String newMain = "local all all trust\n" + main;
    String newIncluded = "host all all 192.0.2.2/32 reject\n";
    try (PostgresSession session = Logins.open(server)) {
      deadMan.arm(
          session,
          List.of(
              new Watched(
                  server.hbaFile().toString(),
                  Fingerprints.sha256(bytes(main)),
                  Fingerprints.sha256(bytes(newMain))),
              new Watched(
                  included.toString(),
                  Fingerprints.sha256(Files.readAllBytes(included)),
                  Fingerprints.sha256(bytes(newIncluded)))),
          SOON);
      Files.writeString(server.hbaFile(), newMain);
      Files.writeString(included, newIncluded);

      await().untilAsserted(() -> assertThat(left(server)).isEmpty());

      assertThat(server.hba()).isEqualTo(main);
      assertThat(included).hasContent("host all all 192.0.2.1/32 reject\n");
    }
  }

  @Test
  void aFileThatChangedBeforeItWasWatchedIsNotWatched() throws IOException {
    PostgresServer server = SERVERS.on(16);
    try (PostgresSession session = Logins.open(server)) {
      Watched stale =
          new Watched(
              server.hbaFile().toString(),
              Fingerprints.sha256(bytes("another")),
              Fingerprints.sha256(bytes(LOCKED_OUT)));

      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class, () -> deadMan.arm(session, List.of(stale), SOON));

      assertThat(problem.type()).isEqualTo(ProblemType.PRECONDITION_FAILED);
      assertThat(deadMan.unconfirmed(session)).isEmpty();
      assertThat(left(server)).isEmpty();
    }
  }

  @Test
  void aWatcherThatWasLostInItsWorkIsAbandoned() throws IOException {
    PostgresServer server = SERVERS.on(16);
    try (PostgresSession session = Logins.open(server)) {
      Armed armed = deadMan.arm(session, List.of(watched(server, LOCKED_OUT)), NEVER);
      Path marker = server.dataDirectory().resolve(armed.marker());
      Files.move(marker, Path.of(marker + ".reverting"));

      assertThat(deadMan.confirm(session, armed)).isFalse();
      assertThat(deadMan.unconfirmed(session)).contains(armed);
      deadMan.abandon(session, armed);

      assertThat(deadMan.unconfirmed(session)).isEmpty();
      assertThat(left(server)).isEmpty();
      assertThat(server.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);
    }
  }
}
