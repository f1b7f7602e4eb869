package dev.pgseal.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Shows the steps of a rollout while they happen. */
final class RolloutFollower {

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int LONGEST_VALUE = 110;

  private final PgsealClient client;
  private final Screen screen;

  RolloutFollower(PgsealClient client, Screen screen) {
    this.client = client;
    this.screen = screen;
  }

  /**
   * Follows the job to its end.
   *
   * @return the job as it ended
   * @throws DemoFailure when it did not succeed, with its problem
   */
  JsonNode follow(String job) {
    CompletableFuture<Void> events =
        CompletableFuture.runAsync(() -> client.follow(job, this::show));
    try {
      events.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new DemoFailure("%s has not ended within %s".formatted(job, PATIENCE), e);
    } catch (ExecutionException e) {
      throw new DemoFailure(String.valueOf(e.getCause().getMessage()), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoFailure("Interrupted", e);
    }
    JsonNode ended = client.get(job);
    if (!ended.path("state").asText().equals("SUCCEEDED")) {
      throw new DemoFailure(
          "The rollout ended %s: %s"
              .formatted(ended.path("state").asText(), ended.path("problem").toPrettyString()));
    }
    return ended;
  }

  private void show(JsonNode event) {
    JsonNode data = event.path("data");
    String type = event.path("type").asText();
    if (type.equals("step")) {
      step(data);
    }
  }

  private void step(JsonNode step) {
    String state = step.path("state").asText();
    String title = "%-8s %s".formatted(step.path("server").asText(), step.path("kind").asText());
    switch (state) {
      case "RUNNING" -> screen.line("..  " + title);
      case "DONE", "SKIPPED" -> {
        screen.good(title + (state.equals("SKIPPED") ? " (was so already)" : ""));
        observed(step.path("observed")).forEach(screen::detail);
      }
      case "FAILED", "UNDO_FAILED" -> {
        screen.bad(title);
        screen.detail(step.path("problem").toPrettyString());
      }
      default -> screen.line(title + " " + state);
    }
  }

  /** What was seen, without what would fill the screen. */
  private static List<String> observed(JsonNode observed) {
    List<String> lines = new ArrayList<>();
    observed
        .fields()
        .forEachRemaining(
            field -> {
              JsonNode value = field.getValue();
              String text = value.isTextual() ? value.asText() : value.toString();
              boolean empty = value.isContainerNode() && value.isEmpty();
              if (!empty && text.indexOf('\n') < 0) {
                lines.add(field.getKey() + ": " + shortened(text));
              }
            });
    return lines;
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + " ...";
  }
}
