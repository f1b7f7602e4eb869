package dev.pgseal.it;

import static dev.pgseal.it.Managed.authority;
import static dev.pgseal.it.Managed.register;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import dev.pgseal.testing.PostgresServer;
import io.restassured.RestAssured;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Two replicas behind one address, one of which is told to end in the middle of a rollout. */
class ServiceIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Map<String, String> SHUTDOWN =
      Map.of("quarkus.shutdown.delay", "3s", "quarkus.shutdown.timeout", "3s");

  @Test
  void aReplicaThatEndsHandsItsJobOverAndNoRequestFails() throws Exception {
    try (Application application = Application.start(SHUTDOWN);
        PostgresServer managed =
            PostgresServer.builder(18).authenticationTimeout(Duration.ofSeconds(3)).start();
        Connection client = inTransaction(managed)) {
      Application.Replica ending = application.replica();
      RestAssured.requestSpecification = ending.admin();
      String job = rollout(register(managed));
      await("the step that waits for the client")
          .atMost(PATIENCE)
          .until(() -> "RUNNING".equals(stateOfDrain(job)));
      Application.Replica staying = application.startReplica();

      try (RoundRobin service = RoundRobin.over(ending.baseUri(), staying.baseUri());
          PersistentClient first = PersistentClient.reading(service.uri(), application.token());
          PersistentClient second = PersistentClient.reading(service.uri(), application.token());
          PersistentClient writer = PersistentClient.writing(service.uri(), application.token())) {
        requestsAlternate(service, application, ending.baseUri(), staying.baseUri());
        CompletableFuture<List<Long>> here = follow(job, application, ending, service);
        CompletableFuture<List<Long>> there = follow(job, application, staying, service);

        ending.terminate();
        await("unready").atMost(PATIENCE).until(() -> ready(ending.baseUri()) == 503);
        await("no new work").atMost(PATIENCE).until(() -> ending.log().contains("No more jobs"));
        client.commit();

        assertThat(ending.awaitExit(Duration.ofSeconds(30))).isEqualTo(143);
        RestAssured.requestSpecification = staying.admin();
        Managed.await(job).body("state", equalTo("SUCCEEDED"));
        assertThat(ending.log()).contains("Job " + job + " is handed over");
        requireEveryStepOnce(application, job);
        requireEveryEventOnce(application, job, here);
        requireEveryEventOnce(application, job, there);
        requireNoFailure(first);
        requireNoFailure(second);
        requireNoFailure(writer);
      }
    }
  }

  /** A session that the rollout must end, and must not end now. */
  private static Connection inTransaction(PostgresServer managed) throws SQLException {
    Connection client =
        managed.connect(PostgresServer.SUPERUSER, PostgresServer.PASSWORD, "disable");
    client.setAutoCommit(false);
    client.createStatement().execute("select 1");
    return client;
  }

  private static String rollout(String server) {
    return given()
        .body(
            Map.of(
                "target",
                "ENFORCED",
                "servers",
                List.of(server),
                "authority",
                authority(),
                "grace",
                "PT5M",
                "observe",
                Map.of("quietFor", "PT0S")))
        .post("/v1/rollouts")
        .then()
        .statusCode(202)
        .extract()
        .path("id");
  }

  private static String stateOfDrain(String job) {
    return given()
        .get("/v1/jobs/" + job)
        .then()
        .extract()
        .path("steps.find { it.kind == 'DRAIN' }.state");
  }

  /** Each through a connection of its own; those of the others come in between. */
  private static void requestsAlternate(
      RoundRobin service, Application application, URI... replicas) {
    await("requests to both")
        .atMost(PATIENCE)
        .until(
            () -> {
              HttpRequest request =
                  HttpRequest.newBuilder(service.uri().resolve("/v1/tokens"))
                      .header("Authorization", "Bearer " + application.token())
                      .build();
              assertThat(status(request)).isEqualTo(200);
              return service.connections(replicas[0]) > 2 && service.connections(replicas[1]) > 2;
            });
  }

  private static int ready(URI replica) throws Exception {
    return status(HttpRequest.newBuilder(replica.resolve("/q/health/ready")).build());
  }

  private static int status(HttpRequest request) throws Exception {
    return HttpClient.newHttpClient()
        .send(request, HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static CompletableFuture<List<Long>> follow(
      String job, Application application, Application.Replica first, RoundRobin service) {
    return JobFollower.follow(job, application.token(), first.baseUri(), service.uri());
  }

  /** The running step ended where it ran, and the other replica went on with the next one. */
  private static void requireEveryStepOnce(Application application, String job) {
    assertThat(
            application
                .controlDatabase()
                .query(
                    """
                    select string_agg(n::text, ',') from (
                      select distinct count(*) as n from job_event
                      where job_id = '%s' and type = 'step'
                      group by data ->> 'position', data ->> 'state') as counts
                    """
                        .formatted(job)))
        .isEqualTo("1");
    assertThat(
            application
                .controlDatabase()
                .query(
                    """
                    select count(*) from job_event
                    where job_id = '%s' and data ->> 'resumed' = 'true'
                    """
                        .formatted(job)))
        .as("handed over")
        .isEqualTo("1");
  }

  private static void requireEveryEventOnce(
      Application application, String job, CompletableFuture<List<Long>> follower)
      throws Exception {
    long last =
        Long.parseLong(
            application
                .controlDatabase()
                .query("select last_event_id from job where id = '%s'".formatted(job)));
    assertThat(follower.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, last).boxed().toList());
  }

  private static void requireNoFailure(PersistentClient client) {
    int before = client.answered();
    await("another answer").atMost(PATIENCE).until(() -> client.answered() > before);
    assertThat(client.failures()).isEmpty();
  }
}
