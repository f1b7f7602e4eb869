package dev.pgseal.it;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * A client that keeps its connection, asks ten times a second, and sends the same again when the
 * connection is refused or lost, for half a minute.
 */
final class PersistentClient implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
  private final List<String> failures = new ArrayList<>();
  private final AtomicInteger answered = new AtomicInteger();
  private final URI service;
  private final String token;
  private final int expected;

  private PersistentClient(URI service, String token, int expected) {
    this.service = service;
    this.token = token;
    this.expected = expected;
  }

  static PersistentClient reading(URI service, String token) {
    PersistentClient client = new PersistentClient(service, token, 200);
    return client.begin(i -> client.request("/v1/servers").GET());
  }

  /** Makes a token with each request, under an {@code Idempotency-Key}. */
  static PersistentClient writing(URI service, String token) {
    PersistentClient client = new PersistentClient(service, token, 201);
    return client.begin(
        i ->
            client
                .request("/v1/tokens")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "token-" + i)
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"name\": \"made-%d\", \"roles\": [\"VIEWER\"]}".formatted(i))));
  }

  private PersistentClient begin(IntFunction<HttpRequest.Builder> requests) {
    AtomicInteger number = new AtomicInteger();
    executor.scheduleWithFixedDelay(
        () -> send(requests.apply(number.getAndIncrement()).build()),
        0,
        100,
        TimeUnit.MILLISECONDS);
    return this;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(service.resolve(path))
        .timeout(PATIENCE)
        .header("Authorization", "Bearer " + token);
  }

  private void send(HttpRequest request) {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (true) {
      try {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == expected) {
          answered.incrementAndGet();
        } else {
          failed(request + ": " + answer.statusCode() + " " + answer.body());
        }
        return;
      } catch (IOException e) {
        if (Instant.now().isAfter(deadline)) {
          failed(request + ": " + e);
          return;
        }
      } catch (InterruptedException e) {
        return; // closed
      }
    }
  }

  private synchronized void failed(String request) {
    failures.add(request);
  }

  /** What was answered otherwise, or not at all. */
  synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  int answered() {
    return answered.get();
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
