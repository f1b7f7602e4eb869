package dev.pgseal.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.embedded.Playground;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The calls of the REST API that the demonstration makes, and nothing but HTTP. */
final class PgsealClient {

  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ObjectMapper json = new ObjectMapper();
  private final URI address;
  private String token = "";

  PgsealClient(URI address) {
    this.address = address;
  }

  void authenticate(String adminToken) {
    token = adminToken;
  }

  boolean ready() throws IOException, InterruptedException {
    return http.send(request("/q/health/ready").build(), BodyHandlers.discarding()).statusCode()
        == 200;
  }

  /** {@code POST /v1/servers}: the server as pgseal sees it. */
  JsonNode register(Playground.Server server, String user, String password) {
    return post(
        "/v1/servers",
        Map.of(
            "name", server.name(),
            "host", "127.0.0.1",
            "port", server.port(),
            "username", user,
            "password", password,
            "endpoints", List.of("127.0.0.1", "localhost"),
            "labels", Map.of("env", "demo")));
  }

  void createAuthority(String name) {
    post("/v1/authorities", Map.of("name", name, "commonName", "pgseal demo authority"));
  }

  /** The trust anchors of an authority, PEM. */
  String bundle(String authority) {
    return send(request("/v1/authorities/" + authority + "/bundle").build());
  }

  /** {@code GET …/connections}: sessions and their summary. */
  JsonNode connections(String server) {
    return get("/v1/servers/" + server + "/connections");
  }

  /** {@code GET …/ssl}: the four faces. */
  JsonNode ssl(String server) {
    return get("/v1/servers/" + server + "/ssl");
  }

  /** The plan of a rollout, without doing it. */
  JsonNode plan(String target, List<String> servers, String authority) {
    return post(
        "/v1/rollouts",
        Map.of("target", target, "servers", servers, "authority", authority, "validateOnly", true));
  }

  /** Begins a rollout; answers the job's path. */
  String rollout(String target, List<String> servers, String authority) {
    JsonNode job =
        post(
            "/v1/rollouts",
            Map.of("target", target, "servers", servers, "authority", authority, "grace", "PT5S"));
    return "/v1/jobs/" + job.path("id").asText();
  }

  /**
   * Hands on the data of each server-sent event until the service closes the stream, which it does
   * when the job has ended.
   */
  void follow(String job, Consumer<JsonNode> event) {
    HttpRequest request =
        request(job + "/events").header("Accept", "text/event-stream").GET().build();
    try {
      HttpResponse<Stream<String>> response = http.send(request, BodyHandlers.ofLines());
      try (Stream<String> lines = response.body()) {
        if (response.statusCode() != 200) {
          throw new DemoFailure("GET %s/events answered %d".formatted(job, response.statusCode()));
        }
        lines
            .filter(line -> line.startsWith("data:"))
            .forEach(line -> event.accept(parse(line.substring("data:".length()))));
      }
    } catch (IOException e) {
      throw new DemoFailure("The events of %s broke off: %s".formatted(job, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoFailure("Interrupted", e);
    }
  }

  JsonNode get(String path) {
    return parse(send(request(path).build()));
  }

  private JsonNode post(String path, Map<String, ?> body) {
    try {
      HttpRequest request =
          request(path)
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(body)))
              .build();
      return parse(send(request));
    } catch (IOException e) {
      throw new DemoFailure("Not to be written as JSON", e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(address.resolve(path))
        .timeout(TIMEOUT)
        .header("Authorization", "Bearer " + token);
  }

  private String send(HttpRequest request) {
    try {
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      if (response.statusCode() / 100 != 2) {
        throw new DemoFailure(
            "%s %s answered %d:%n%s"
                .formatted(
                    request.method(),
                    request.uri().getPath(),
                    response.statusCode(),
                    response.body()));
      }
      return response.body();
    } catch (IOException e) {
      throw new DemoFailure("The service does not answer: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoFailure("Interrupted", e);
    }
  }

  private JsonNode parse(String text) {
    try {
      return json.readTree(text);
    } catch (IOException e) {
      throw new DemoFailure("Not JSON: " + text, e);
    }
  }
}
