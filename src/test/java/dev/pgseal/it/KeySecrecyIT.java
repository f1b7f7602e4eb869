package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.Pem;
import dev.pgseal.testing.ActivitySampler;
import dev.pgseal.testing.KeyFileWatcher;
import dev.pgseal.testing.KeyTraces;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import io.restassured.RestAssured;
import io.restassured.filter.Filter;
import io.restassured.response.Response;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Private keys on every path of their lives, and no trace of them where people look: on servers
 * that log and collect all there is, in pgseal's own log, and in its database.
 */
class KeySecrecyIT {

  private static Application application;

  private final KeyTraces traces = new KeyTraces();
  private final List<String> answers = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void start() {
    application = Application.start(Map.of("quarkus.log.level", "DEBUG"));
    application
        .controlDatabase()
        .execute(
            "alter system set log_statement = 'all'",
            "alter system set log_min_duration_statement = 0",
            "alter system set log_min_error_statement = 'debug5'",
            "alter system set log_parameter_max_length_on_error = -1",
            "select pg_reload_conf()");
  }

  @AfterAll
  static void stop() {
    application.close();
  }

  @BeforeEach
  void use() {
    Filter listener =
        (request, response, context) -> {
          Response answer = context.next(request, response);
          answers.add(answer.getHeaders() + "\n" + answer.asString());
          return answer;
        };
    RestAssured.requestSpecification = application.replica().admin().filter(listener);
  }

  static Stream<Integer> oldestAndNewest() {
    return PostgresMajors.Provider.tested().stream()
        .filter(m -> m == PostgresMajors.OLDEST || m == PostgresMajors.LATEST);
  }

  @ParameterizedTest(name = "PostgreSQL {0}")
  @MethodSource("oldestAndNewest")
  void noTraceOfAKeyIsAnywhereWhateverBecomesOfIt(int major) throws Exception {
    try (PostgresServer usual = PostgresServer.builder(major).talkative().start();
        PostgresServer bare =
            PostgresServer.builder(major).talkative().without("openssl").start()) {
      usual.execute("create extension pg_stat_statements");
      bare.execute("create extension pg_stat_statements");
      Map<String, String> places = new LinkedHashMap<>();
      try (KeyFileWatcher onUsual = new KeyFileWatcher(usual);
          KeyFileWatcher onBare = new KeyFileWatcher(bare);
          ActivitySampler usualActivity = new ActivitySampler(usual);
          ActivitySampler bareActivity = new ActivitySampler(bare)) {
        walk(usual, bare);
        onUsual.keys().forEach(key -> traces.add("file " + fileNumber(), key));
        onBare.keys().forEach(key -> traces.add("bare file " + fileNumber(), key));
        places.putAll(Places.of("usual", usual, usualActivity));
        places.putAll(Places.of("bare", bare, bareActivity));
      }
      places.putAll(Places.of(application, answers));

      assertLookedAt(places);
      SoftAssertions all = new SoftAssertions();
      places.forEach((place, text) -> all.assertThat(traces.in(text)).as(place).isEmpty());
      all.assertAll();
    }
  }

  private void walk(PostgresServer usual, PostgresServer bare) throws Exception {
    KeyWalk walk = new KeyWalk(application, traces);
    walk.authorities();
    walk.issued();
    Map<String, PostgresServer> servers = new LinkedHashMap<>();
    servers.put(Managed.register(usual), usual);
    servers.put(Managed.register(bare), bare);
    for (var server : servers.entrySet()) {
      walk.installed(server.getKey());
      walk.refused(server.getKey(), server.getValue());
      walk.renewed(server.getKey());
    }
    walk.revoked(List.copyOf(servers.keySet()));
    walk.rotated();
    servers.keySet().forEach(walk::renewed);
    servers.keySet().forEach(walk::off);
  }

  private int fileNumber() {
    return traces.keys().size();
  }

  /** The walk went where it was to go, and what was searched is what it claims to be. */
  private void assertLookedAt(Map<String, String> places) {
    // a key that was noted on its way in keeps that name when it is found sealed
    assertNoted("authority ", 4);
    assertNoted("imported", 2);
    assertNoted("issued", 4);
    assertNoted("other generation of ", 1);
    assertNoted("canary of ", 4);
    assertNoted("file ", 8);
    assertNoted("bare file ", 8);
    Map<String, String> marks = new LinkedHashMap<>();
    for (String server : List.of("usual", "bare")) {
      marks.put("pg_stat_activity of " + server, "SELECT");
      marks.put("pg_stat_statements of " + server, "set_config");
      marks.put("log of " + server, "SELECT set_config");
    }
    marks.put(Places.JOBS, "data:");
    marks.put(Places.ANSWERS, "MADE_ON_SERVER");
    marks.put(Places.TABLES, "BEGIN CERTIFICATE");
    marks.put(Places.CONTROL_LOG, "insert into authority");
    marks.put(Places.SERVICE_LOG, "DEBUG");
    assertThat(places.keySet()).isEqualTo(marks.keySet());
    // the texts are too long to be shown
    marks.forEach((place, mark) -> assertThat(places.get(place).contains(mark)).as(place).isTrue());
  }

  private void assertNoted(String kind, int atLeast) {
    assertThat(traces.keys())
        .filteredOn(name -> name.startsWith(kind))
        .hasSizeGreaterThanOrEqualTo(atLeast);
  }

  /** The same search in the same places finds a key that is handled carelessly. */
  @ParameterizedTest(name = "PostgreSQL {0}")
  @MethodSource("oldestAndNewest")
  void aKeyThatIsHandledCarelesslyIsFoundInEachPlace(int major) throws Exception {
    String pem = new String(KeyType.DEFAULT.generate().pkcs8Pem(), StandardCharsets.US_ASCII);
    traces.add("key", pem);
    PostgresServer control = application.controlDatabase();
    try (PostgresServer postgres = PostgresServer.builder(major).talkative().start();
        ActivitySampler activity = new ActivitySampler(postgres)) {
      postgres.execute("create extension pg_stat_statements");
      try (var careless = postgres.connect();
          var statement = careless.createStatement()) {
        statement.execute("copy (select '" + pem + "') to program 'cat >/dev/null'");
        activity.sampleNow();
      }
      control.execute(
          "create table careless as select convert_to('" + pem + "', 'UTF8') as opened");
      given().pathParam("name", hex(pem)).get("/v1/servers/{name}").then().statusCode(404);

      Map<String, String> places = Places.of("it", postgres, activity);
      places.putAll(Places.of(application, answers));
      places.remove(Places.JOBS); // there is no way to put one there
      SoftAssertions all = new SoftAssertions();
      places.forEach((place, text) -> all.assertThat(traces.in(text)).as(place).isNotEmpty());
      all.assertAll();
    } finally {
      control.execute("drop table if exists careless");
    }
  }

  private static String hex(String pem) {
    return HexFormat.of().formatHex(Pem.privateKey(pem, null).privateKey().getEncoded());
  }
}
