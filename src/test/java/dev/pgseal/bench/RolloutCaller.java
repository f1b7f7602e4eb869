package dev.pgseal.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A caller of the API who takes servers to enforced TLS. */
final class RolloutCaller {

  private final Pgseal pgseal;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ObjectMapper json = new ObjectMapper();

  RolloutCaller(Pgseal pgseal) {
    this.pgseal = pgseal;
  }

  /** One finished rollout. */
  record Finished(Instant createdAt, Instant enforcedAt) {
    /** Until the last plaintext session was ended, without the wait for stragglers. */
    Duration untilEnforced() {
      return Duration.between(createdAt, enforcedAt);
    }
  }

  /**
   * @return the name
   */
  String register(PostgresServer server) throws IOException, InterruptedException {
    String name = "db-" + server.port();
    send(
        pgseal.post(
            "/v1/servers",
            Json.of(
                Map.of(
                    "name",
                    name,
                    "host",
                    server.host(),
                    "port",
                    server.port(),
                    "username",
                    PostgresServer.SUPERUSER,
                    "password",
                    PostgresServer.PASSWORD))),
        201);
    return name;
  }

  /**
   * @return the job
   */
  String enforce(List<String> servers) throws IOException, InterruptedException {
    return send(
            pgseal.post(
                "/v1/rollouts",
                Json.of(
                    Map.of(
                        "target", "ENFORCED", "servers", servers, "authority", Pgseal.AUTHORITY))),
            202)
        .path("id")
        .asText();
  }

  Finished await(String job) throws IOException, InterruptedException {
    while (true) {
      JsonNode found = send(pgseal.get("/v1/jobs/" + job + "?wait=60s"), 200);
      switch (found.path("state").asText()) {
        case "SUCCEEDED" -> {
          return new Finished(time(found.path("createdAt")), lastDrain(found));
        }
        case "PENDING", "RUNNING", "CANCELLING" -> {}
        default -> throw new IllegalStateException("Not enforced: " + found);
      }
    }
  }

  private static Instant lastDrain(JsonNode job) {
    Instant last = Instant.MIN;
    for (JsonNode step : job.path("steps")) {
      if (step.path("kind").asText().equals("DRAIN")) {
        Instant finished = time(step.path("finishedAt"));
        last = finished.isAfter(last) ? finished : last;
      }
    }
    return last;
  }

  private static Instant time(JsonNode text) {
    return Instant.parse(text.asText());
  }

  private JsonNode send(HttpRequest request, int expected)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != expected) {
      throw new IllegalStateException(request.uri() + ": " + answer.body());
    }
    return json.readTree(answer.body());
  }
}
