package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which a reload leaves the TLS configuration aside (be-secure-openssl.c). */
class SslSwitchTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private final TlsFixture tls = new TlsFixture();

  @AfterEach
  void close() {
    tls.close();
  }

  /** What is wrong with files or settings, and the words by which a person recognises it. */
  enum Fault {
    CERTIFICATE_MISSING("certificate file does not exist", (f, p) -> f.remove(f.certificate())),
    CERTIFICATE_GARBAGE(
        "certificate file holds no PEM certificate", (f, p) -> f.writeCertificate("garbage\n")),
    KEY_MISSING("key file does not exist", (f, p) -> f.remove(f.key())),
    KEY_MODE("group or world access", (f, p) -> f.keyMode("rw-r--r--")),
    KEY_OF_ANOTHER_CERTIFICATE(
        "does not belong to the certificate",
        (f, p) -> f.writeKey(KeyFiles.Pair.create().keyPem())),
    KEY_ENCRYPTED("encrypted", (f, p) -> f.writeKey(p.encryptedKeyPem("passphrase"))),
    KEY_DER("no PEM private key", (f, p) -> f.writeKey(p.key().privateKey().getEncoded())),
    KEY_IS_A_DIRECTORY(
        "not a regular file",
        (f, p) -> {
          f.remove(f.key());
          try {
            Files.createDirectory(f.key());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });

    final String words;
    final BiConsumer<KeyFiles, KeyFiles.Pair> make;

    Fault(String words, BiConsumer<KeyFiles, KeyFiles.Pair> make) {
      this.words = words;
      this.make = make;
    }
  }

  static Stream<Arguments> faultsOnTheOldestAndTheNewest() {
    return PostgresMajors.Provider.tested().stream()
        .filter(
            major -> List.of(PostgresMajors.OLDEST, PostgresServer.latestMajor()).contains(major))
        .flatMap(major -> visibleFaults().map(fault -> Arguments.of(major, fault)));
  }

  /** Key and certificate are compared by openssl, where the server's host has it. */
  static Stream<Fault> visibleFaults() {
    return Stream.of(Fault.values())
        .filter(fault -> fault != Fault.KEY_OF_ANOTHER_CERTIFICATE || OpenSslOnPath.installed());
  }

  @ParameterizedTest(name = "PostgreSQL {0}: {1}")
  @MethodSource("faultsOnTheOldestAndTheNewest")
  void aFaultIsNamedAndTheServerIsAsItWas(int major, Fault fault) {
    PostgresServer postgres = SERVERS.on(major);
    KeyFiles files = KeyFiles.of(postgres);
    KeyFiles.Pair pair = KeyFiles.Pair.create();
    files.remove(files.key());
    files.write(pair);
    fault.make.accept(files, pair);
    List<String> before = autoConf(postgres);

    PgsealException problem = enableFails(tls.register("orders", postgres), null);

    assertThat(problem.type()).isEqualTo(ProblemType.SSL_NOT_TAKEN);
    assertThat(problem.detail()).contains(fault.words);
    assertThat(autoConf(postgres)).isEqualTo(before);
    assertThat(tls.served(postgres)).isEqualTo("N");
    postgres.restart();
    assertThat(postgres.query("SHOW ssl")).isEqualTo("off");
  }

  @ParameterizedTest
  @MethodSource("visibleFaults")
  void aFaultBehindTheBackOfAServedCertificateIsNoSuccess(Fault fault) {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      KeyFiles.Pair pair = KeyFiles.Pair.create();
      KeyFiles files = KeyFiles.of(postgres);
      files.write(pair);
      ManagedServer server = tls.register("orders", postgres);
      tls.change(server, change -> tls.ssl.enable(change, null));
      fault.make.accept(files, pair);
      List<String> before = autoConf(postgres);

      PgsealException problem = enableFails(server, null);

      assertThat(problem.type()).isEqualTo(ProblemType.SSL_NOT_TAKEN);
      assertThat(problem.detail()).contains(fault.words);
      assertThat(autoConf(postgres)).isEqualTo(before);
      assertThat(tls.served(postgres)).isEqualTo(pair.fingerprint());
    }
  }

  @Test
  void anotherCertificateWithoutItsKeyIsNoSuccessEither() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      KeyFiles.Pair pair = KeyFiles.Pair.create();
      KeyFiles files = KeyFiles.of(postgres);
      files.write(pair);
      ManagedServer server = tls.register("orders", postgres);
      tls.change(server, change -> tls.ssl.enable(change, null));
      files.writeCertificate(KeyFiles.Pair.create().certificate().chainPem());

      PgsealException problem = enableFails(server, null);

      assertThat(problem.type()).isEqualTo(ProblemType.CERTIFICATE_NOT_SERVED);
      if (OpenSslOnPath.installed()) {
        assertThat(problem.members().toString()).contains("does not belong to the certificate");
      }
      assertThat(tls.served(postgres)).isEqualTo(pair.fingerprint());
    }
  }

  @PostgresMajors
  void aProtocolRangeThatIsEmptyIsNotTakenWhetherTlsWasOnOrOff(int major) {
    try (PostgresServer postgres =
        PostgresServer.builder(major).setting("ssl_max_protocol_version", "TLSv1.2").start()) {
      KeyFiles.Pair pair = KeyFiles.Pair.create();
      KeyFiles.of(postgres).write(pair);
      ManagedServer server = tls.register("orders", postgres);
      List<String> off = autoConf(postgres);

      assertThat(enableFails(server, "TLSv1.3").detail()).contains("ssl_max_protocol_version");
      assertThat(autoConf(postgres)).isEqualTo(off);
      assertThat(tls.served(postgres)).isEqualTo("N");

      tls.change(server, change -> tls.ssl.enable(change, "TLSv1.2"));
      List<String> on = autoConf(postgres);
      PgsealException problem = enableFails(server, "TLSv1.3");
      assertThat(problem.type()).isEqualTo(ProblemType.SSL_NOT_TAKEN);
      assertThat(problem.detail()).contains("ssl_max_protocol_version");
      assertThat(autoConf(postgres)).isEqualTo(on);
      assertThat(tls.served(postgres)).isEqualTo(pair.fingerprint());
      postgres.restart();
      assertThat(tls.served(postgres)).isEqualTo(pair.fingerprint());
    }
  }

  @Test
  void aProtocolThatPostgresDoesNotKnowLeavesSslAsItWas() {
    PostgresServer postgres = SERVERS.latest();
    KeyFiles files = KeyFiles.of(postgres);
    files.remove(files.key());
    files.write(KeyFiles.Pair.create());
    List<String> before = autoConf(postgres);

    PgsealException problem = enableFails(tls.register("orders", postgres), "TLSv9");

    assertThat(problem.type()).isEqualTo(ProblemType.SETTING_NOT_CHANGEABLE);
    assertThat(problem.detail()).contains("ssl_min_protocol_version");
    assertThat(autoConf(postgres)).isEqualTo(before);
    assertThat(tls.served(postgres)).isEqualTo("N");
  }

  @Test
  void anEncryptedKeyIsTakenWhereReloadsMayAskForItsPassphrase() {
    try (PostgresServer postgres =
        PostgresServer.latest()
            .setting("ssl_passphrase_command", "echo passphrase")
            .setting("ssl_passphrase_command_supports_reload", "on")
            .start()) {
      KeyFiles.Pair pair = KeyFiles.Pair.create();
      KeyFiles files = KeyFiles.of(postgres);
      files.write(pair);
      files.writeKey(pair.encryptedKeyPem("passphrase"));
      ManagedServer server = tls.register("orders", postgres);

      tls.change(server, change -> tls.ssl.enable(change, null));
      tls.change(server, change -> tls.ssl.enable(change, "TLSv1.3"));

      assertThat(tls.served(postgres)).isEqualTo(pair.fingerprint());
    }
  }

  @PostgresMajors
  void sslGivenOnTheCommandLineIsRefusedBeforeAnythingIsChanged(int major) {
    try (PostgresServer postgres =
        PostgresServer.builder(major).commandLineSetting("ssl", "off").start()) {
      KeyFiles.of(postgres).write(KeyFiles.Pair.create());
      assertRefusedUntouched(postgres, ProblemType.SETTING_NOT_CHANGEABLE, "command line");
    }
  }

  @PostgresMajors
  void somebodyElsesSyntaxErrorIsRefusedBeforeAnythingIsChanged(int major) {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      KeyFiles.of(postgres).write(KeyFiles.Pair.create());
      append(postgres, "postgresql.conf", "\nwork_mem == 4MB\n");
      assertRefusedUntouched(
          postgres, ProblemType.FOREIGN_CONFIGURATION_ERROR, "postgresql.conf", "syntax error");
    }
  }

  @Test
  void somebodyElsesUnknownParameterIsRefusedBeforeAnythingIsChanged() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      KeyFiles.of(postgres).write(KeyFiles.Pair.create());
      append(postgres, "postgresql.conf", "\nwork_memory = 4MB\n");
      assertRefusedUntouched(
          postgres,
          ProblemType.FOREIGN_CONFIGURATION_ERROR,
          "unrecognized configuration parameter");
    }
  }

  static Stream<Integer> majorsWithAllowAlterSystem() {
    return PostgresMajors.Provider.tested().stream().filter(major -> major >= 17);
  }

  @ParameterizedTest(name = "PostgreSQL {0}")
  @MethodSource("majorsWithAllowAlterSystem")
  void aServerThatForbidsAlterSystemIsRefusedBeforeAnythingIsChanged(int major) {
    try (PostgresServer postgres =
        PostgresServer.builder(major).setting("allow_alter_system", "off").start()) {
      KeyFiles.of(postgres).write(KeyFiles.Pair.create());
      assertRefusedUntouched(postgres, ProblemType.SETTING_NOT_CHANGEABLE, "allow_alter_system");
    }
  }

  @PostgresMajors
  void rulesThatAreBrokenOnDiskAreRefusedBeforeAnythingIsChanged(int major) {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      KeyFiles.of(postgres).write(KeyFiles.Pair.create());
      postgres.writeHba(postgres.hba() + "hostssl all all all scram-sha-265\n");
      assertRefusedUntouched(
          postgres, ProblemType.FOREIGN_CONFIGURATION_ERROR, "pg_hba.conf", "line 7");
    }
  }

  @PostgresMajors
  void aLoginThatIsNoSuperuserIsToldWhatItLacks(int major) {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      KeyFiles.of(postgres).write(KeyFiles.Pair.create());
      postgres.execute("CREATE ROLE limited LOGIN PASSWORD 'limited'");
      ManagedServer server =
          tls.register("orders", postgres, ConnectionSslMode.PREFER, "limited", "limited");
      List<String> before = autoConf(postgres);

      PgsealException problem = enableFails(server, null);

      assertThat(problem.type()).isEqualTo(ProblemType.PRIVILEGE_MISSING);
      String wanted = major < 15 ? "ALTER ROLE limited SUPERUSER" : "ALTER SYSTEM ON PARAMETER";
      assertThat(problem.detail()).contains(wanted);
      assertThat(problem.members().get("missing").toString()).contains(wanted);
      assertThat(autoConf(postgres)).isEqualTo(before);
    }
  }

  /** The state that a kill between ALTER SYSTEM and the reload leaves behind. */
  @PostgresMajors
  void aSwitchThatTheNextReloadWouldTurnIsNotTheWayItIsWanted(int major) {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      KeyFiles.Pair pair = KeyFiles.Pair.create();
      KeyFiles.of(postgres).write(pair);
      ManagedServer server = tls.register("orders", postgres);

      postgres.execute("ALTER SYSTEM SET ssl = on");
      tls.change(server, this::ensureOff);
      postgres.reload();
      assertThat(tls.served(postgres)).isEqualTo("N");

      tls.change(server, change -> tls.ssl.enable(change, null));
      postgres.execute("ALTER SYSTEM RESET ssl");
      tls.change(server, this::ensureOn);
      postgres.reload();
      assertThat(tls.served(postgres)).isEqualTo(pair.fingerprint());
    }
  }

  /** Rules that somebody wrote meanwhile: without TLS nobody would get in any more. */
  @Test
  void anUndoThatWouldLockEverybodyOutIsTakenBack() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      KeyFiles.Pair pair = KeyFiles.Pair.create();
      KeyFiles.of(postgres).write(pair);
      ManagedServer server = tls.register("orders", postgres);
      SslSwitch.Undo undo = tls.change(server, c -> tls.ssl.prepareUndo(c.session()));
      tls.change(server, change -> tls.ssl.enable(change, null));
      postgres.writeHba("local all all trust\nhostssl all all all scram-sha-256\n");
      postgres.reload();

      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () ->
                  tls.change(
                      server,
                      change -> {
                        tls.ssl.undoProved(change, undo);
                        return change;
                      }));

      assertThat(problem).isNotNull();
      assertThat(problem.members()).containsEntry("undone", true);
      assertThat(tls.served(postgres)).isEqualTo(pair.fingerprint());
      tls.access.fresh(server).close();
    }
  }

  private ServerUnderChange ensureOn(ServerUnderChange change) {
    tls.ssl.ensureOn(change, null);
    return change;
  }

  private ServerUnderChange ensureOff(ServerUnderChange change) {
    tls.ssl.ensureOff(change);
    return change;
  }

  private void assertRefusedUntouched(PostgresServer postgres, ProblemType type, String... words) {
    List<String> before = autoConf(postgres);

    PgsealException problem = enableFails(tls.register("orders", postgres), null);

    assertThat(problem.type()).isEqualTo(type);
    assertThat(problem.detail()).contains(words);
    assertThat(autoConf(postgres)).isEqualTo(before);
    assertThat(tls.served(postgres)).isEqualTo("N");
    assertThat(postgres.log()).doesNotContain("received SIGHUP");
  }

  private PgsealException enableFails(ManagedServer server, @Nullable String minProtocolVersion) {
    return catchThrowableOfType(
        PgsealException.class,
        () -> tls.change(server, change -> tls.ssl.enable(change, minProtocolVersion)));
  }

  private List<String> autoConf(PostgresServer postgres) {
    return tls.autoConf(postgres);
  }

  private static void append(PostgresServer postgres, String file, String text) {
    try {
      Files.writeString(postgres.dataDirectory().resolve(file), text, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
