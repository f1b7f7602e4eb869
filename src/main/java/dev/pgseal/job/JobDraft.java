package dev.pgseal.job;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A job before it is accepted.
 *
 * @param kind names its {@link JobHandler}
 * @param request what was asked, as plain JSON; never a secret
 * @param steps in order, all {@code PENDING}
 * @param servers the ids of the servers it will change
 */
public record JobDraft(
    String kind, Map<String, Object> request, List<JobStep> steps, List<UUID> servers) {

  public JobDraft {
    steps = List.copyOf(steps);
    servers = List.copyOf(servers);
  }
}
