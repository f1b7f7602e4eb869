package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.ActivitySampler;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Private keys and passwords on servers that log and collect all there is. */
class KeySecrecyTest {

  private final TlsFixture tls = new TlsFixture();

  @AfterEach
  void close() {
    tls.close();
  }

  static Stream<Integer> oldestAndNewest() {
    return PostgresMajors.Provider.tested().stream()
        .filter(m -> m == PostgresMajors.OLDEST || m == PostgresServer.latestMajor());
  }

  @ParameterizedTest(name = "PostgreSQL {0}")
  @MethodSource("oldestAndNewest")
  void noLineOfAPrivateKeyIsInTheLogOrInAView(int major) throws SQLException {
    try (PostgresServer postgres = PostgresServer.builder(major).talkative().start()) {
      postgres.execute("CREATE EXTENSION pg_stat_statements");
      ManagedServer server = tls.register("orders", postgres);
      Set<String> keys = new HashSet<>();
      String seen;
      try (ActivitySampler sampler = new ActivitySampler(postgres)) {
        installByEveryWay(postgres, server, keys);
        seen = sampler.seen();
      }

      assertThat(keys).as("keys that lay on the server").hasSize(6);
      String log = postgres.log();
      String statements = postgres.statements();
      assertThat(log).as("log").contains("SELECT set_config");
      for (String key : keys) {
        assertThat(traces(key, log)).as("log").isEmpty();
        assertThat(traces(key, statements)).as("pg_stat_statements").isEmpty();
        assertThat(traces(key, seen)).as("pg_stat_activity").isEmpty();
      }
    }
  }

  private void installByEveryWay(PostgresServer postgres, ManagedServer server, Set<String> keys) {
    tls.install(server, new CertificateSource.SelfSigned());
    keys.addAll(keysOnDisk(postgres));
    KeyFiles.Pair pair = KeyFiles.Pair.create();
    InstalledCertificate provided =
        tls.install(
            server,
            new CertificateSource.Provided(pair.certificate().chainPem(), pair.keyPem(), null));
    assertThat(provided.keyOrigin()).isEqualTo(KeyOrigin.SENT_AFTER_FIRST_CONTACT);
    keys.addAll(keysOnDisk(postgres));
    tls.authorities.create("corp", AuthorityProfile.of("Corp CA"));
    InstalledCertificate issued = tls.install(server, new CertificateSource.FromAuthority("corp"));
    assertThat(issued.keyOrigin())
        .isEqualTo(
            OpenSslOnPath.installed()
                ? KeyOrigin.MADE_ON_SERVER
                : KeyOrigin.SENT_AFTER_FIRST_CONTACT);
    keys.addAll(keysOnDisk(postgres));
    keys.addAll(sendOverFirstContact(postgres, server));
    keys.add(failToWrite(server));
  }

  /** The throw-away key, and the real one that is sent over the TLS that it turns on. */
  private Set<String> sendOverFirstContact(PostgresServer postgres, ManagedServer server) {
    Set<String> keys = new HashSet<>();
    KeyFiles.Pair pair = KeyFiles.Pair.create();
    tls.change(
        server,
        change -> {
          tls.firstContact.over(
              change,
              encrypted -> {
                assertThat(encrypted.encrypted()).isTrue();
                tls.secrets.quiet(encrypted);
                tls.certificateFiles.create(encrypted, "first-contact");
                tls.certificateFiles.writeKey(encrypted, "first-contact", pair.key().pkcs8Pem());
                keys.addAll(keysOnDisk(postgres));
              });
          return change;
        });
    assertThat(keys).contains(pair.keyPem());
    assertThat(keysOnDisk(postgres)).hasSize(keys.size() - 1);
    return keys;
  }

  /** An error makes PostgreSQL log statements and parameters that it would not log otherwise. */
  private String failToWrite(ManagedServer server) {
    KeyFiles.Pair pair = KeyFiles.Pair.create();
    try (PostgresSession quiet = tls.secrets.quiet(tls.access.fresh(server))) {
      assertThatThrownBy(
              () ->
                  tls.certificateFiles.writeKey(quiet, "no-such-generation", pair.key().pkcs8Pem()))
          .isInstanceOf(PgsealException.class)
          .satisfies(e -> assertThat(traces(pair.keyPem(), String.valueOf(e))).isEmpty());
    }
    return pair.keyPem();
  }

  /** The same search finds a key that is handled carelessly, so that it can fail. */
  @ParameterizedTest(name = "PostgreSQL {0}")
  @MethodSource("oldestAndNewest")
  void aKeyInTheTextOrAsAParameterOfAStatementWouldBeFound(int major) throws SQLException {
    try (PostgresServer postgres = PostgresServer.builder(major).talkative().start()) {
      postgres.execute("CREATE EXTENSION pg_stat_statements");
      String literal = KeyFiles.Pair.create().keyPem();
      String bound = KeyFiles.Pair.create().keyPem();
      String encoded = KeyFiles.Pair.create().keyPem();
      try (ActivitySampler sampler = new ActivitySampler(postgres);
          Connection careless = postgres.connect();
          var statement = careless.createStatement();
          var prepared = careless.prepareStatement("SELECT set_config('a.b', ?, false)")) {
        prepared.setString(1, bound);
        prepared.execute();
        prepared.setString(
            1, Base64.getMimeEncoder().encodeToString(encoded.getBytes(StandardCharsets.US_ASCII)));
        prepared.execute();
        statement.execute("COPY (SELECT '" + literal + "') TO PROGRAM 'cat >/dev/null'");

        assertThat(traces(literal, sampler.sampleNow())).as("pg_stat_activity").isNotEmpty();
      }

      assertThat(traces(literal, postgres.log())).as("log").isNotEmpty();
      assertThat(traces(bound, postgres.log())).as("log").isNotEmpty();
      assertThat(traces(encoded, postgres.log())).as("log").isNotEmpty();
      assertThat(traces(literal, postgres.statements())).as("pg_stat_statements").isNotEmpty();
    }
  }

  @ParameterizedTest(name = "PostgreSQL {0}")
  @MethodSource("oldestAndNewest")
  void thePasswordOfAStandbyIsNeitherInItsLogNorInAView(int major) throws SQLException {
    try (PostgresServer primary = PostgresServer.builder(major).talkative().start()) {
      primary.execute("CREATE EXTENSION pg_stat_statements");
      try (PostgresServer standby = primary.standby()) {
        // copied from the primary, with the statement that made the role
        standby.execute("SELECT pg_stat_statements_reset()");
        ManagedServer orders = tls.register("orders", primary);
        ManagedServer reader = tls.register("reader", standby);
        tls.serveTls(orders);
        String trust = tls.trust.of(orders).orElseThrow();
        String seen;
        try (ActivitySampler sampler = new ActivitySampler(standby)) {
          tls.change(reader, change -> tls.replication.secure(change, orders, trust));
          tls.change(
              reader,
              change ->
                  tls.replication.release(
                      change, orders, tls.replication.prepareUndo(change.session())));
          seen = sampler.seen();
        }

        assertThat(standby.log()).contains("parameter \"primary_conninfo\" changed to");
        for (String text : List.of(standby.log(), standby.statements(), seen)) {
          assertThat(text.lines())
              .filteredOn(line -> line.contains(PostgresServer.REPLICATION_PASSWORD))
              .isEmpty();
        }
      }
    }
  }

  private static Set<String> keysOnDisk(PostgresServer postgres) {
    try (Stream<Path> files = Files.walk(postgres.dataDirectory().resolve("pgseal"))) {
      Set<String> keys = new HashSet<>();
      for (Path file : files.filter(f -> f.endsWith("server.key")).toList()) {
        keys.add(Files.readString(file));
      }
      return keys;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What of a key is found in a text: its lines, and pieces of it in the base64 in which files
   * travel. White space is left out of account, as logs break and indent lines.
   */
  private static List<String> traces(String keyPem, String text) {
    String haystack = text.replaceAll("\\s+", "");
    List<String> needles =
        new ArrayList<>(
            keyPem
                .lines()
                .filter(line -> line.length() >= 20 && !line.startsWith("-----"))
                .toList());
    String encoded = Base64.getEncoder().encodeToString(keyPem.getBytes(StandardCharsets.US_ASCII));
    // behind the header, which all keys share
    for (int i = 60; i + 40 <= encoded.length(); i += 40) {
      needles.add(encoded.substring(i, i + 40));
    }
    assertThat(needles).hasSizeGreaterThan(4);
    return needles.stream().filter(haystack::contains).toList();
  }
}
