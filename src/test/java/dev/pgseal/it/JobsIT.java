package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.lessThan;

import io.restassured.response.ValidatableResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reading, following and cancelling jobs; the jobs are rows that no replica runs. */
class JobsIT {

  private final UUID job = UUID.randomUUID();
  private Application application;

  @BeforeEach
  void start() {
    application = Application.shared();
    sql(
        "insert into job (id, kind, state, request, requested_by, last_event_id)"
            + " values ('%s', 'by-hand', 'RUNNING', '{\"mode\": \"ENFORCED\"}', 'ann', 2)",
        "insert into job_step (job_id, position, server, kind, description, state, observed)"
            + " values ('%s', 0, 'db1', 'FIRST', 'First', 'DONE', '{\"ssl\": \"on\"}'),"
            + " ('%1$s', 1, 'db1', 'SECOND', 'Second', 'RUNNING', '{}')",
        "insert into job_event (job_id, id, type, actor, data)"
            + " values ('%s', 1, 'job', 'ann', '{\"state\": \"PENDING\"}'),"
            + " ('%1$s', 2, 'job', 'pgseal', '{\"state\": \"RUNNING\"}')");
  }

  @Test
  void aJobIsReadWithItsSteps() {
    given()
        .get("/v1/jobs/" + job)
        .then()
        .statusCode(200)
        .body("state", equalTo("RUNNING"))
        .body("percent", equalTo(50))
        .body("request.mode", equalTo("ENFORCED"))
        .body("requestedBy", equalTo("ann"))
        .body("steps.kind", equalTo(List.of("FIRST", "SECOND")))
        .body("steps[0].observed.ssl", equalTo("on"));
    given()
        .queryParam("state", "RUNNING")
        .get("/v1/jobs")
        .then()
        .body("jobs[0].id", equalTo(job.toString()));
    given().get("/v1/jobs/" + UUID.randomUUID()).then().statusCode(404);
    given().get("/v1/jobs/no-uuid").then().statusCode(404);
  }

  @Test
  void waitingEndsWithTheTimeOrWithTheJob() {
    given()
        .get("/v1/jobs/" + job + "?wait=1s")
        .then()
        .statusCode(200)
        .time(greaterThan(1000L))
        .body("state", equalTo("RUNNING"));
    end();
    given()
        .get("/v1/jobs/" + job + "?wait=PT1M")
        .then()
        .statusCode(200)
        .time(lessThan(20_000L))
        .body("state", equalTo("FAILED"))
        .body("problem.type", equalTo("/problems/ssl-not-taken"))
        .body("problem.detail", equalTo("no"))
        .body("problem.server", equalTo("db1"));
    given().get("/v1/jobs/" + job + "?wait=61s").then().statusCode(400);
    given().get("/v1/jobs/" + job + "?wait=soon").then().statusCode(400);
  }

  @Test
  void followersSeeEachEventOnceAndTheStreamEndsWithTheJob() throws Exception {
    Iterator<String> lines = follow(null).iterator();
    assertThat(next(lines)).contains("id:1", "event:job").anyMatch(l -> l.contains("PENDING"));
    assertThat(next(lines)).contains("id:2", "event:job").anyMatch(l -> l.contains("RUNNING"));

    end();

    assertThat(next(lines))
        .contains("id:3", "event:job")
        .anyMatch(l -> l.startsWith("data:") && l.contains("/problems/ssl-not-taken"));
    assertThat(lines.hasNext()).isFalse();
  }

  @Test
  void aFollowerGoesOnAfterTheLastEventItSaw() throws Exception {
    end();

    Iterator<String> lines = follow("2").iterator();

    assertThat(next(lines)).contains("id:3");
    assertThat(lines.hasNext()).isFalse();
    assertThat(follow("3").iterator().hasNext()).isFalse();
  }

  @Test
  void aRunningJobIsCancelledOnceAndAnEndedOneIsNot() {
    cancel(job)
        .statusCode(200)
        .body("state", equalTo("CANCELLING"))
        .body("cancelledBy", equalTo("bootstrap"));
    cancel(job).statusCode(200).body("state", equalTo("CANCELLING"));
    end();
    cancel(job)
        .statusCode(409)
        .body("type", equalTo("/problems/illegal-state"))
        .body("state", equalTo("FAILED"));
    cancel(UUID.randomUUID()).statusCode(404);
  }

  private static ValidatableResponse cancel(UUID job) {
    // REST Assured would send %3A
    return given().urlEncodingEnabled(false).post("/v1/jobs/" + job + ":cancel").then();
  }

  /** The lines of one server-sent event. */
  private static List<String> next(Iterator<String> lines) {
    List<String> event = new ArrayList<>();
    while (lines.hasNext()) {
      String line = lines.next();
      if (line.isEmpty()) {
        break;
      }
      event.add(line);
    }
    return event;
  }

  private Iterable<String> follow(String lastEventId) throws Exception {
    URI uri = application.replica().baseUri().resolve("/v1/jobs/" + job + "/events");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + application.token());
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    var response =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofLines());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/event-stream");
    return response.body()::iterator;
  }

  private void end() {
    sql(
        """
        with problem as (select
          '{"type": "SSL_NOT_TAKEN", "detail": "no", "members": {"server": "db1"}}'::jsonb as p),
        ended as (
          update job set state = 'FAILED', problem = p, finished_at = now(),
            last_event_id = last_event_id + 1
          from problem where id = '%s' returning id, last_event_id, p)
        insert into job_event (job_id, id, type, actor, data)
          select id, last_event_id, 'job', 'pgseal',
            jsonb_build_object('state', 'FAILED', 'problem', p) from ended
        """);
  }

  private void sql(String... statements) {
    for (String statement : statements) {
      application.controlDatabase().execute(statement.formatted(job));
    }
  }
}
