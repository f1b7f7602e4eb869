package dev.pgseal.it;

import static dev.pgseal.it.Managed.mode;
import static dev.pgseal.it.Managed.register;
import static dev.pgseal.it.Managed.rollout;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.PostgresServerBuilder;
import dev.pgseal.testing.SmallDisk;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What goes wrong around a rollout while it runs: it ends proved, or everything is undone and the
 * problem names the cure. {@code -Dpgseal.seed=n} for the same instants again.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultsIT {

  private static final long SEED = Long.getLong("pgseal.seed", System.nanoTime());
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String AGAIN = "undo is tried again";

  private static final String RULES =
      """
      local all all scram-sha-256
      host all,replication all 127.0.0.0/8 scram-sha-256
      host all,replication all ::1/128 scram-sha-256
      """;

  private final Random random = new Random(SEED);
  private Application application;
  private KillGates gates;
  private String authority;

  @BeforeAll
  void start() throws SQLException {
    System.out.printf("FaultsIT: -Dpgseal.seed=%d%n", SEED);
    application = Application.start(Map.of("pgseal.postgres.socket-timeout", "3s"));
    RestAssured.requestSpecification = application.replica().admin();
    gates = new KillGates(application.controlDatabase());
    authority = Managed.authority();
  }

  @AfterAll
  void stop() throws SQLException {
    gates.close();
    application.close();
  }

  private static PostgresServerBuilder quick() {
    return PostgresServer.latest().hba(RULES).authenticationTimeout(Duration.ofSeconds(5));
  }

  @Test
  void aServerThatIsRestartedInTheMiddleOfAStep() {
    try (PostgresServer postgres = quick().start()) {
      String server = register(postgres);
      String job = rollout("ENFORCED", authority, server);
      awaitEvent(job, 4 + random.nextInt(10));

      postgres.restart();

      requireProvedOrUndone(job, server, postgres);
    }
  }

  @Test
  void aControlDatabaseThatIsRestartedInTheMiddleOfAStep() {
    try (PostgresServer postgres = quick().start()) {
      String server = register(postgres);
      String job = rollout("ENFORCED", authority, server);
      awaitEvent(job, 4 + random.nextInt(10));

      application.controlDatabase().restart();

      assertThat(requireProvedOrUndone(job, server, postgres)).isEqualTo("SUCCEEDED");
    }
  }

  @Test
  void aNetworkThatIsCutInTheMiddleOfAStep() {
    try (PostgresServer postgres = quick().start();
        Relay relay = new Relay(postgres.host(), postgres.port())) {
      String server = register(postgres, Relay.ADDRESS);
      String job = rollout("ENFORCED", authority, server);
      awaitEvent(job, 4 + random.nextInt(8));

      relay.cut();
      await("the loss is noticed").atMost(PATIENCE).until(() -> noted(job, AGAIN) || failed(job));
      relay.mend();

      requireProvedOrUndone(job, server, postgres);
    }
  }

  /** Behind so many steps: nothing of ours is there yet; certificate; ssl is on. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aDiskThatIsFull(int steps) throws SQLException {
    assumeThat(SmallDisk.possible()).as("file systems can be mounted").isTrue();
    try (PostgresServer postgres = quick().start();
        SmallDisk disk = SmallDisk.under(postgres)) {
      String server = register(postgres);
      String job = rolloutUntil(steps, server);
      disk.fill();
      gates.open(server);

      await("a failure that somebody must mend")
          .atMost(PATIENCE)
          .until(() -> noted(job, AGAIN) || ended(job));
      disk.free();

      JsonPath end = requireUndone(job, server, postgres);
      assertThat(end.getString("problem.hint")).contains("Free space");
    }
  }

  @Test
  void aPrivilegeThatIsTakenAwayInTheMiddle() throws SQLException {
    try (PostgresServer postgres = quick().start()) {
      String server = register(postgres);
      postgres.execute("CREATE ROLE dba SUPERUSER LOGIN PASSWORD '%s'".formatted(password()));
      given()
          .contentType("application/merge-patch+json")
          .header("If-Match", "*")
          .body(Map.of("username", "dba", "password", password()))
          .patch("/v1/servers/" + server)
          .then()
          .statusCode(200);
      String job = rolloutUntil(3, server);
      postgres.execute("ALTER ROLE dba NOSUPERUSER");
      gates.open(server);

      await("a failure that somebody must mend").atMost(PATIENCE).until(() -> noted(job, AGAIN));
      postgres.execute("ALTER ROLE dba SUPERUSER");

      JsonPath end = requireUndone(job, server, postgres);
      assertThat(end.getString("problem.type")).isEqualTo("/problems/privilege-missing");
      assertThat(end.getString("problem.hint")).contains("superuser");
    }
  }

  private static String password() {
    return PostgresServer.PASSWORD;
  }

  /** A rollout to ENFORCED that waits behind its first steps. */
  private String rolloutUntil(int steps, String server) throws SQLException {
    gates.shut(server, KillGates.Boundary.forward(steps));
    String job = rollout("ENFORCED", authority, server);
    await("the gate").atMost(PATIENCE).until(() -> gates.reached(server));
    return job;
  }

  private void awaitEvent(String job, int event) {
    await("an event of the rollout")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () ->
                "t"
                    .equals(
                        query(
                            "select last_event_id >= " + event + " from job where id = '%s'",
                            job)));
  }

  private boolean noted(String job, String message) {
    return query(
            "select 1 from job_event where job_id = '%s' and data ->> 'message' = '"
                + message
                + "'",
            job)
        != null;
  }

  private boolean failed(String job) {
    return ended(job)
        || query("select 1 from job_step where job_id = '%s' and state = 'FAILED'", job) != null;
  }

  private boolean ended(String job) {
    return query("select 1 from job where id = '%s' and finished_at is not null", job) != null;
  }

  private String query(String sql, String job) {
    return application.controlDatabase().query(sql.formatted(job));
  }

  private JsonPath end(String job) {
    await("the end of the rollout").atMost(PATIENCE).until(() -> ended(job));
    return given().get("/v1/jobs/" + job).then().statusCode(200).extract().jsonPath();
  }

  private String requireProvedOrUndone(String job, String server, PostgresServer postgres) {
    JsonPath end = end(job);
    if (end.getString("state").equals("SUCCEEDED")) {
      assertThat(mode(server)).isEqualTo("ENFORCED");
    } else {
      requireUndone(job, server, postgres);
    }
    return end.getString("state");
  }

  private JsonPath requireUndone(String job, String server, PostgresServer postgres) {
    JsonPath end = end(job);
    assertThat(end.getString("state")).as(end.prettify()).isIn("ROLLED_BACK", "FAILED");
    assertThat(end.getList("steps.state", String.class)).doesNotContain("UNDO_FAILED");
    assertThat(end.getString("problem.hint")).as(end.prettify()).isNotBlank();
    assertThat(mode(server)).isEqualTo("OFF");
    assertThat(postgres.hba()).isEqualTo(RULES);
    return end;
  }
}
