package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgseal.testing.PostgresServer;
import io.restassured.path.json.JsonPath;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A rollout over three servers, the first of which always fails, and what must be true of it at its
 * end however often its replica was killed.
 *
 * <p>No failure is allowed: the second, which has begun with the first, goes to its end, and the
 * last, a wave of its own, never begins.
 */
final class KillFleet implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** More than the fleet itself ever has: it stops the rollout of one server. */
  private static final KillGates.Boundary NEARLY_DONE = KillGates.Boundary.forward(6);

  private static final String WAITS_FOR_THE_SERVER =
      """
      select exists (select from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%from server where id%')
      """;

  private static final int BAD = 0;
  private static final int SLOW = 1;
  private static final int LAST = 2;

  private final PostgresServer control;
  private final KillGates gates;
  private final List<PostgresServer> servers;
  private final List<String> names;
  private final List<String> rules;
  private final Connection holder;
  private final String job;

  private KillFleet(PostgresServer control, KillGates gates, String authority) throws SQLException {
    this.control = control;
    this.gates = gates;
    this.servers = IntStream.rangeClosed(BAD, LAST).parallel().mapToObj(i -> quick()).toList();
    KillPair.letRulesBeUnconvertible(servers.get(BAD));
    this.names = servers.stream().map(Managed::register).toList();
    this.rules = servers.stream().map(PostgresServer::hba).toList();
    gates.shut(names.get(SLOW), NEARLY_DONE);
    this.holder = hold(names.get(SLOW));
    this.job = begin(authority);
  }

  static KillFleet start(PostgresServer control, KillGates gates, String authority)
      throws SQLException {
    return new KillFleet(control, gates, authority);
  }

  private static PostgresServer quick() {
    return PostgresServer.latest().authenticationTimeout(Duration.ofSeconds(1)).start();
  }

  private String begin(String authority) {
    Map<String, Object> body =
        Map.of(
            "target",
            "ENFORCED",
            "servers",
            names,
            "authority",
            authority,
            "observe",
            Map.of("quietFor", "PT0S", "onPlaintext", "PASS"),
            "waves",
            List.of(Map.of("count", 2), Map.of("count", 3)),
            "maxParallel",
            2,
            "maxFailures",
            0);
    return given().body(body).post("/v1/rollouts").then().statusCode(202).extract().path("id");
  }

  /**
   * The replica is about to begin the second server's rollout, which is kept from it. The first's
   * has begun, and the fleet does not say so yet.
   */
  void awaitBetweenTwoBegins() {
    await("the begin of the second").atMost(PATIENCE).until(() -> isTrue(WAITS_FOR_THE_SERVER));
    assertThat(states()).containsExactly("PENDING", "PENDING", "PENDING");
    assertThat(held(BAD)).as("the first has begun").isFalse();
    assertThat(held(SLOW)).isTrue();
  }

  /** The failure has stopped the fleet, and the second, whose rules are new, still goes on. */
  void awaitStopped() {
    await("the end of the last, which never began").atMost(PATIENCE).until(() -> !held(LAST));
    assertThat(ends()).endsWith("CANCELLED");
    await("the second").atMost(PATIENCE).until(() -> gates.reached(names.get(SLOW)));
  }

  /** Nobody can begin a rollout of that server until {@link #letBegin}. */
  private Connection hold(String server) throws SQLException {
    Connection connection = control.connect();
    connection.setAutoCommit(false);
    try (var lock =
        connection.prepareStatement("select from server where name = ? for no key update")) {
      lock.setString(1, server);
      lock.execute();
    }
    return connection;
  }

  void letBegin() throws SQLException {
    holder.rollback();
  }

  private boolean isTrue(String query) {
    return "t".equals(control.query(query));
  }

  private boolean held(int server) {
    return isTrue("select held from job where id = (" + child(server) + ")");
  }

  /** Query for the job of that server's rollout. */
  private String child(int server) {
    return """
        select j.id from job j join job_server on job_id = j.id join server s on s.id = server_id
        where s.name = '%s' and j.parent = '%s'
        """
        .formatted(names.get(server), job);
  }

  void requireWhole() {
    JsonPath ended =
        await("the end of the fleet")
            .atMost(PATIENCE)
            .until(
                () -> given().queryParam("wait", "10s").get("/v1/jobs/" + job).jsonPath(),
                found -> found.get("finishedAt") != null);
    assertThat(ended.getString("state")).isEqualTo("FAILED");
    assertThat(ended.getString("problem.type")).endsWith("too-many-failures");
    assertThat(ended.getList("problem.failures.server", String.class))
        .containsExactly(names.get(BAD));
    assertThat(states()).containsExactly("UNDONE", "DONE", "SKIPPED");
    assertThat(ends()).containsExactly("ROLLED_BACK", "SUCCEEDED", "CANCELLED");
    requireServers();
    requireNothingTwice();
  }

  private void requireServers() {
    assertThat(names.stream().map(Managed::mode)).containsExactly("OFF", "ENFORCED", "OFF");
    for (int same : List.of(BAD, LAST)) {
      assertThat(servers.get(same).hba()).isEqualTo(rules.get(same));
    }
  }

  /** Begun by the fleet once, told so once, and no step done again that was done. */
  private void requireNothingTwice() {
    String begun =
        "select count(*) from job_event where job_id = (%s) and type = 'job'"
            + " and data ->> 'state' = 'RUNNING' and not data ? 'resumed'";
    assertThat(each(server -> begun.formatted(child(server)))).containsExactly("1", "1", "0");
    String told =
        "select count(*) from job_event where job_id = '%s' and type = 'step'"
            + " and data ->> 'state' = 'RUNNING' and data ->> 'server' = '%s'";
    assertThat(each(server -> told.formatted(job, names.get(server))))
        .containsExactly("1", "1", "0");
    String again =
        """
        select string_agg(job_id || ' ' || at, ', ') from (
          select job_id, data ->> 'position' as at from job_event
           where type = 'step' and data ->> 'state' = 'DONE'
             and (job_id = '%1$s' or job_id in (select id from job where parent = '%1$s'))
           group by job_id, data ->> 'position' having count(*) > 1) as twice
        """;
    assertThat(control.query(again.formatted(job))).as("steps that were done twice").isNull();
    String kinds =
        """
        select string_agg(r.kind, ' ' order by r.number) from hba_revision r
          join server s on s.id = r.server_id where s.name = '%s' and r.kind = 'ENFORCED'
        """;
    assertThat(each(server -> kinds.formatted(names.get(server))))
        .containsExactly(null, "ENFORCED", null);
  }

  private List<@Nullable String> states() {
    return each(
        server ->
            "select state from job_step where job_id = '%s' and server = '%s'"
                .formatted(job, names.get(server)));
  }

  private List<@Nullable String> ends() {
    return each(server -> "select state from job where id = (" + child(server) + ")");
  }

  /** What a query says of each server; null where it has no row. */
  private List<@Nullable String> each(IntFunction<String> query) {
    return IntStream.rangeClosed(BAD, LAST)
        .mapToObj(query)
        .map(control::query)
        .collect(Collectors.toList());
  }

  @Override
  public void close() throws SQLException {
    holder.close();
    servers.forEach(PostgresServer::close);
  }
}
