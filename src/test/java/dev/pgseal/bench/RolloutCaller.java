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
import java.util.ArrayList;
import java.util.LinkedHashMap;
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

  /**
   * One finished rollout.
   *
   * @param enforcedAt when the last plaintext session was ended, before the wait for stragglers
   * @param steps what each took, in order; of several primaries those of the last one
   */
  record Finished(Instant enforcedAt, List<Step> steps) {}

  /** One step; {@code began} is counted from the job's creation. */
  record Step(String kind, String server, Duration began, Duration took) {}

  /**
   * @return the names of primary and standby
   */
  List<String> register(Cluster cluster) throws IOException, InterruptedException {
    return List.of(register(cluster.primary), register(cluster.standby));
  }

  private String register(PostgresServer server) throws IOException, InterruptedException {
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
  String enforce(List<String> servers, Map<String, Object> options)
      throws IOException, InterruptedException {
    Map<String, Object> request = new LinkedHashMap<>(options);
    request.put("target", "ENFORCED");
    request.put("servers", servers);
    request.put("authority", Pgseal.AUTHORITY);
    return begin(request);
  }

  /**
   * @return the job of the way back
   */
  String disable(List<String> servers) throws IOException, InterruptedException {
    return begin(Map.of("target", "DISABLED", "servers", servers));
  }

  private String begin(Map<String, Object> request) throws IOException, InterruptedException {
    return send(pgseal.post("/v1/rollouts", Json.of(request)), 202).path("id").asText();
  }

  /** Of a job for several primaries: of the jobs that it consists of. */
  Finished await(String job) throws IOException, InterruptedException {
    JsonNode ended = awaitEnd(job);
    JsonNode parts = get("/v1/jobs?limit=200&parent=" + job).path("jobs");
    if (parts.isEmpty()) {
      return new Finished(lastDrain(ended), steps(ended));
    }
    Finished last = new Finished(Instant.MIN, List.of());
    for (JsonNode part : parts) {
      JsonNode found = get("/v1/jobs/" + part.path("id").asText());
      if (lastDrain(found).isAfter(last.enforcedAt())) {
        last = new Finished(lastDrain(found), steps(found));
      }
    }
    return last;
  }

  private JsonNode awaitEnd(String job) throws IOException, InterruptedException {
    while (true) {
      JsonNode found = get("/v1/jobs/" + job + "?wait=60s");
      switch (found.path("state").asText()) {
        case "SUCCEEDED" -> {
          return found;
        }
        case "PENDING", "RUNNING", "CANCELLING" -> {}
        default -> throw new IllegalStateException("Not enforced: " + found);
      }
    }
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    return send(pgseal.get(path), 200);
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

  private static List<Step> steps(JsonNode job) {
    Instant created = time(job.path("createdAt"));
    List<Step> steps = new ArrayList<>();
    for (JsonNode step : job.path("steps")) {
      Instant began = time(step.path("startedAt"));
      steps.add(
          new Step(
              step.path("kind").asText(),
              step.path("server").asText(),
              Duration.between(created, began),
              Duration.between(began, time(step.path("finishedAt")))));
    }
    return steps;
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
