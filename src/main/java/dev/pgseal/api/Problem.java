package dev.pgseal.api;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.pgseal.job.JobProblem;
import dev.pgseal.problem.ProblemDocument;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A problem as callers see it (RFC 9457).
 *
 * @param status null for a problem within a job, which no HTTP answer belongs to
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(
    name = "Problem",
    description =
        "RFC 9457. Members beyond these depend on the type: line, column, field, server, holder,"
            + " violations …",
    additionalProperties = Schema.True.class)
public record Problem(
    @Schema(
            description = "Stable, for programs to decide on",
            examples = "/problems/operation-in-progress")
        String type,
    @Schema(examples = "Another operation is changing this server") String title,
    @Schema(description = "The HTTP status; absent within a job", examples = "409")
        @Nullable Integer status,
    @Schema(
            description = "What is wrong just here",
            examples = "Server db1 is being changed by request/7: PUT ssl")
        String detail,
    @Schema(description = "The path of the request", examples = "/v1/servers/db1/ssl")
        @Nullable String instance,
    @Schema(description = "How to mend it", examples = "Wait until it has ended and try again")
        @Nullable String hint,
    @Schema(description = "As in the header X-Request-Id") @Nullable String requestId,
    @Schema(hidden = true) @JsonAnyGetter Map<String, Object> members) {

  static final String MEDIA_TYPE = ProblemDocument.MEDIA_TYPE;

  /** The problem that a job recorded. */
  static @Nullable Problem of(@Nullable JobProblem problem) {
    return problem == null
        ? null
        : new Problem(
            problem.type().uri(),
            problem.type().title(),
            null,
            problem.detail(),
            null,
            null,
            null,
            problem.members());
  }
}
