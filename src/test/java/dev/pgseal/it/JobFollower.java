package dev.pgseal.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Follows a job's server-sent events until it has succeeded. When the stream ends before, it comes
 * again with {@code Last-Event-ID}, as a browser's EventSource does.
 */
final class JobFollower {

  private final String path;
  private final String token;
  private final List<Long> ids = new ArrayList<>();
  private volatile boolean succeeded;

  private JobFollower(String job, String token) {
    this.path = "/v1/jobs/" + job + "/events";
    this.token = token;
  }

  /**
   * @param first where it follows at first
   * @param then where it comes again
   * @return the ids of the events in the order in which they came
   */
  static CompletableFuture<List<Long>> follow(String job, String token, URI first, URI then) {
    JobFollower follower = new JobFollower(job, token);
    return CompletableFuture.supplyAsync(
        () -> {
          URI from = first;
          while (!follower.succeeded && !Thread.currentThread().isInterrupted()) {
            follower.read(from);
            from = then;
          }
          return follower.ids;
        });
  }

  private void read(URI from) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(from.resolve(path)).header("Authorization", "Bearer " + token);
    if (!ids.isEmpty()) {
      request.header("Last-Event-ID", ids.get(ids.size() - 1).toString());
    }
    try (Stream<String> lines =
        HttpClient.newHttpClient()
            .send(request.build(), HttpResponse.BodyHandlers.ofLines())
            .body()) {
      lines.forEach(this::line);
    } catch (IOException | UncheckedIOException e) {
      // it comes again
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void line(String line) {
    if (line.startsWith("id:")) {
      ids.add(Long.parseLong(line.substring(3).strip()));
    }
    succeeded |= line.startsWith("data:") && line.contains("\"state\":\"SUCCEEDED\"");
  }
}
