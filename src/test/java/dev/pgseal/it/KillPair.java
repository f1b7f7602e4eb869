package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.PostgresServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A primary with a streaming standby and busy clients that rollouts go up and down on, and what
 * must be true of it at the end of each.
 *
 * @param takenBack the standby has a rule that cannot be converted, so that a rollout up is taken
 *     back when nearly all is done
 */
record KillPair(
    PostgresServer primary,
    PostgresServer standby,
    List<String> servers,
    boolean takenBack,
    List<String> rules,
    List<LoginWatch> logins,
    BusyWriters writers)
    implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String SENTINEL = "pgseal_probe";

  static KillPair start(boolean takenBack) {
    PostgresServerBuilder builder =
        PostgresServer.latest().authenticationTimeout(Duration.ofSeconds(5));
    return start(builder, takenBack, "127.0.0.1", server -> {});
  }

  /**
   * @param host under which the service reaches both
   * @param started what is to be done with each before it is registered
   */
  static KillPair start(
      PostgresServerBuilder builder,
      boolean takenBack,
      String host,
      Consumer<PostgresServer> started) {
    PostgresServer primary = builder.start();
    PostgresServer standby = primary.standby();
    if (takenBack) {
      letRulesBeUnconvertible(standby);
    }
    started.accept(primary);
    started.accept(standby);
    return new KillPair(
        primary,
        standby,
        List.of(Managed.register(primary, host), Managed.register(standby, host)),
        takenBack,
        List.of(primary.hba(), standby.hba()),
        List.of(new LoginWatch(primary), new LoginWatch(standby)),
        new BusyWriters(primary));
  }

  /** A rollout up meets it when rules are written, and is taken back. */
  static void letRulesBeUnconvertible(PostgresServer server) {
    linked(server.dataDirectory(), "host app app all scram-sha-256\n");
    server.writeHba(server.hba() + "include apps.conf\n");
    server.reload();
  }

  /** An included file that is a link is not written: its owner has it elsewhere. */
  private static void linked(Path directory, String text) {
    try {
      Path file = Files.writeString(directory.resolve("apps-elsewhere.conf"), text);
      Files.createSymbolicLink(directory.resolve("apps.conf"), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A name by which a job over this pair is found. */
  String name() {
    return servers.get(0);
  }

  String start(String target, String authority) {
    Map<String, Object> body = new HashMap<>();
    body.put("target", target);
    body.put("servers", servers);
    if (target.equals("ENFORCED")) {
      body.put("authority", authority);
      // the rule that cannot be converted is to be met when rules are written, not before
      body.put(
          "observe",
          takenBack
              ? Map.of("onPlaintext", "PASS")
              : Map.of("quietFor", "PT1S", "onPlaintext", "PASS"));
    }
    return given().body(body).post("/v1/rollouts").then().statusCode(202).extract().path("id");
  }

  /**
   * All that a rollout that has ended promises, seen from outside.
   *
   * @param state of the job
   */
  void requireWhole(String target, String state) {
    boolean up = target.equals("ENFORCED");
    assertThat(state).isEqualTo(up && takenBack ? "ROLLED_BACK" : "SUCCEEDED");
    boolean enforced = up && !takenBack;
    for (int i = 0; i < servers.size(); i++) {
      PostgresServer server = i == 0 ? primary : standby;
      assertThat(Managed.mode(servers.get(i))).isEqualTo(enforced ? "ENFORCED" : "OFF");
      if (enforced) {
        requireConverted(server.hba(), rules.get(i));
      } else {
        assertThat(server.hba()).isEqualTo(rules.get(i));
      }
      requireNothingLeft(server, enforced);
    }
    requireStream(enforced);
  }

  private static void requireConverted(String now, String before) {
    UnaryOperator<String> words = line -> line.strip().replaceAll("\\s+", " ");
    assertThat(now.lines().filter(line -> line.contains(SENTINEL))).hasSize(1);
    assertThat(now.lines().filter(line -> !line.contains(SENTINEL)).map(words))
        .containsExactlyElementsOf(
            before
                .lines()
                .map(words)
                .map(line -> line.replaceFirst("^host ", "hostssl "))
                .toList());
  }

  private static void requireNothingLeft(PostgresServer server, boolean enforced) {
    await("sessions of pgseal have ended")
        .atMost(PATIENCE)
        .until(
            () ->
                "0 0"
                    .equals(
                        server.query(
                            """
                            select (select count(*) from pg_locks where locktype = 'advisory')
                              || ' ' || count(*)
                              from pg_stat_activity where application_name like 'pgseal %/%'
                            """)));
    Path ours = server.dataDirectory().resolve("pgseal");
    try (Stream<Path> above = Files.list(server.dataDirectory());
        Stream<Path> below = Files.walk(ours)) {
      assertThat(
              Stream.concat(above, below)
                  .map(file -> file.getFileName().toString())
                  .filter(name -> name.matches("(\\.pgseal|unjudged|unconfirmed).*")))
          .as("files left over on " + server.port())
          .isEmpty();
      requireCertificates(ours, enforced);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The one in use, and at most the one before it, each with its key. */
  private static void requireCertificates(Path ours, boolean enforced) throws IOException {
    try (Stream<Path> generations = Files.list(ours.resolve("certificates"))) {
      List<Path> all = generations.toList();
      assertThat(all).hasSizeLessThanOrEqualTo(2);
      assertThat(all)
          .allSatisfy(
              one -> {
                assertThat(one.resolve("server.crt")).isNotEmptyFile();
                assertThat(one.resolve("server.key")).isNotEmptyFile();
              });
    }
    if (enforced) {
      assertThat(ours.resolve("current/server.key")).isNotEmptyFile();
    }
  }

  private void requireStream(boolean tls) {
    primary.awaitReplayedBy(standby);
    if (tls) {
      assertThat(
              primary.query(
                  "select bool_and(ssl) from pg_stat_ssl join pg_stat_replication using (pid)"))
          .isEqualTo("t");
    }
    assertThat(standby.query("show primary_conninfo"))
        .contains(tls ? "sslmode=verify-" : "sslmode=prefer");
  }

  /** Nobody was locked out, and no commit that was acknowledged is lost. */
  void requireNobodyHarmed() {
    assertThat(logins).allSatisfy(watch -> assertThat(watch.refusals()).isEmpty());
    long acknowledged = writers.acknowledged();
    assertThat(writers.written()).isGreaterThanOrEqualTo(acknowledged);
  }

  @Override
  public void close() throws InterruptedException {
    for (LoginWatch watch : logins) {
      watch.close();
    }
    writers.close();
    standby.close();
    primary.close();
  }
}
