package dev.pgseal.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.job.JobEvent;
import dev.pgseal.job.JobProblem;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** The data of a server-sent event of a job. */
@Schema(name = "JobEvent")
public record JobEventView(
    @Schema(description = "From 1 without gaps; the id of the server-sent event", examples = "7")
        long id,
    Instant time,
    @Schema(
            description =
                "job: its state changed; step: one of its steps did; note: a remark on a running"
                    + " step. The event of the server-sent event.",
            enumeration = {"job", "step", "note"})
        String type,
    @Schema(description = "The token behind it, or pgseal", examples = "pgseal") String actor,
    @Schema(
            description = "job: state; step and note: position, server, kind, state, observed …",
            examples = "{\"position\": 3, \"server\": \"db1\", \"state\": \"DONE\"}")
        Map<String, Object> data) {

  private static final String PROBLEM = "problem";

  /**
   * @param json turns a recorded problem into the shape that callers know
   */
  static JobEventView of(JobEvent event, ObjectMapper json) {
    Map<String, Object> data = new LinkedHashMap<>(event.data());
    data.computeIfPresent(
        PROBLEM, (key, recorded) -> Problem.of(json.convertValue(recorded, JobProblem.class)));
    return new JobEventView(event.id(), event.time(), event.type(), event.actor(), data);
  }
}
