package dev.pgseal.api;

import dev.pgseal.job.JobStore;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jspecify.annotations.Nullable;

/**
 * {@code Prefer: wait=30} (RFC 7240 §4.3) wherever a job is answered: the answer comes once the job
 * has ended, or after that time, at most {@link WaitTime#LONGEST}. The status stays what it is
 * without, 202 too, so that an operation has one type of answer; the job's state says the rest.
 *
 * <p>An accepted job that goes on is answered with {@code Retry-After}.
 */
public class JobPreference {

  static final String HEADER = "Prefer";
  static final String APPLIED = "Preference-Applied";

  private static final Pattern WAIT =
      Pattern.compile(
          "(?:^|,)\\s*wait\\s*=\\s*\"?(\\d{1,9})\"?\\s*(?:;[^,]*)?(?=,|$)",
          Pattern.CASE_INSENSITIVE);

  private static final int RETRY_SECONDS = 2;

  private final JobStreams streams;
  private final JobStore jobs;

  JobPreference(JobStreams streams, JobStore jobs) {
    this.streams = streams;
    this.jobs = jobs;
  }

  /** Before what keeps or counts answers, which sees the final one. */
  @ServerResponseFilter(priority = 5_000)
  public @Nullable Uni<Void> filter(
      ContainerRequestContext request, ContainerResponseContext response) {
    if (!(response.getEntity() instanceof AnswersWithJob answer) || answer.answeredJob() == null) {
      return Uni.createFrom().voidItem();
    }
    Optional<Duration> wait = wait(request);
    if (wait.isEmpty() || answer.answeredJob().state().ended()) {
      retryAfter(response, answer);
      return Uni.createFrom().voidItem();
    }
    response.getHeaders().putSingle(APPLIED, "wait=" + wait.get().toSeconds());
    return jobs.find(answer.answeredJob().id())
        .map(job -> streams.ended(job, wait.get()))
        .orElseGet(() -> Uni.createFrom().nullItem())
        .invoke(
            job -> {
              if (job != null) {
                response.setEntity(answer.with(job));
              }
              retryAfter(response, (AnswersWithJob) response.getEntity());
            })
        .replaceWithVoid();
  }

  private static Optional<Duration> wait(ContainerRequestContext request) {
    if (request.getUriInfo().getQueryParameters().containsKey("wait")) {
      return Optional.empty();
    }
    return parse(request.getHeaders().get(HEADER));
  }

  /** What is no such preference is ignored (RFC 7240 §2). */
  static Optional<Duration> parse(@Nullable List<String> headers) {
    Matcher wait = WAIT.matcher(headers == null ? "" : String.join(",", headers));
    if (!wait.find()) {
      return Optional.empty();
    }
    Duration wanted = Duration.ofSeconds(Long.parseLong(wait.group(1)));
    return Optional.of(wanted.compareTo(WaitTime.LONGEST) < 0 ? wanted : WaitTime.LONGEST);
  }

  private static void retryAfter(ContainerResponseContext response, AnswersWithJob answer) {
    JobView job = answer.answeredJob();
    if (response.getStatus() == Response.Status.ACCEPTED.getStatusCode()
        && job != null
        && !job.state().ended()) {
      response.getHeaders().putSingle(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    }
  }
}
