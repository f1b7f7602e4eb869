package dev.pgseal.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobEvent;
import dev.pgseal.job.JobFollowers;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStore;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jboss.resteasy.reactive.server.jaxrs.SseImpl;

/**
 * Waiting for jobs without holding a thread; the control database is asked on worker threads only.
 */
@ApplicationScoped
class JobStreams {

  private static final int BATCH = 200;

  private final JobStore jobs;
  private final JobFollowers followers;
  private final ObjectMapper json;
  private final Sse sse = new SseImpl();

  JobStreams(JobStore jobs, JobFollowers followers, ObjectMapper json) {
    this.jobs = jobs;
    this.followers = followers;
    this.json = json;
  }

  /** The job once it has ended, or as it is after {@code wait}. */
  Uni<Job> ended(Job job, Duration wait) {
    if (job.state().ended() || wait.isZero()) {
      return Uni.createFrom().item(job);
    }
    return events(job.id())
        .filter(JobStreams::ends)
        .toUni()
        .ifNoItem()
        .after(wait)
        .recoverWithUni(() -> Uni.createFrom().nullItem())
        .emitOn(Infrastructure.getDefaultWorkerPool())
        .map(last -> jobs.find(job.id()).orElse(job));
  }

  private Multi<JobEvent> events(UUID jobId) {
    return follow(jobId, 0);
  }

  /** The events after {@code lastEventId}, up to the one that ends the job. */
  Multi<OutboundSseEvent> events(UUID jobId, long lastEventId) {
    return follow(jobId, lastEventId).map(this::serverSent);
  }

  private Multi<JobEvent> follow(UUID jobId, long lastEventId) {
    AtomicLong last = new AtomicLong(lastEventId);
    return Multi.createBy()
        .repeating()
        .uni(() -> nextBatch(jobId, last))
        .until(List::isEmpty)
        .onItem()
        .<JobEvent>disjoint();
  }

  /** The next events, once there are some; none when the job has ended. */
  private Uni<List<JobEvent>> nextBatch(UUID jobId, AtomicLong last) {
    return onWorker(() -> batch(jobId, last))
        .flatMap(
            events ->
                !events.isEmpty() || ended(jobId)
                    ? Uni.createFrom().item(events)
                    : Uni.createFrom()
                        .completionStage(() -> followers.next(jobId, last.get()))
                        .flatMap(happened -> onWorker(() -> batch(jobId, last))));
  }

  private static <T> Uni<T> onWorker(Supplier<T> call) {
    return Uni.createFrom().item(call).runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
  }

  private List<JobEvent> batch(UUID jobId, AtomicLong last) {
    List<JobEvent> events = jobs.events(jobId, last.get(), BATCH);
    if (!events.isEmpty()) {
      last.set(events.get(events.size() - 1).id());
    }
    return events;
  }

  private boolean ended(UUID jobId) {
    return jobs.find(jobId).map(job -> job.state().ended()).orElse(true);
  }

  private static boolean ends(JobEvent event) {
    return event.type().equals("job")
        && JobState.valueOf(String.valueOf(event.data().get("state"))).ended();
  }

  private OutboundSseEvent serverSent(JobEvent event) {
    return sse.newEventBuilder()
        .id(Long.toString(event.id()))
        .name(event.type())
        .mediaType(MediaType.APPLICATION_JSON_TYPE)
        .data(JobEventView.class, JobEventView.of(event, json))
        .build();
  }
}
