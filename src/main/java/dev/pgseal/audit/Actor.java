package dev.pgseal.audit;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a change, as it is recorded with it.
 *
 * @param name of the caller, or {@link #ITSELF}
 * @param origin address that the request came from, null when there was none
 * @param requestId of the request, as in its answer and in the log
 * @param job that the change is part of
 */
public record Actor(
    String name, @Nullable String origin, @Nullable String requestId, @Nullable UUID job) {

  /** Who acts when nobody asked just now: renewals, checks, jobs as they go on. */
  public static final Actor ITSELF = new Actor("pgseal", null, null, null);

  /** The service at work on a job; the job's own entry says who asked for it. */
  public static Actor job(UUID id) {
    return new Actor(ITSELF.name(), null, null, id);
  }
}
