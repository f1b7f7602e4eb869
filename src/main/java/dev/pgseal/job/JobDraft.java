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
 * @param undos by the position of the step that takes each over; they are run when the job is taken
 *     back, also where it did not come to that step
 */
public record JobDraft(
    String kind,
    Map<String, Object> request,
    List<JobStep> steps,
    List<UUID> servers,
    Map<Integer, CarriedUndo> undos) {

  public JobDraft {
    steps = List.copyOf(steps);
    servers = List.copyOf(servers);
    undos = Map.copyOf(undos);
  }

  /** One that takes nothing over. */
  public JobDraft(
      String kind, Map<String, Object> request, List<JobStep> steps, List<UUID> servers) {
    this(kind, request, steps, servers, Map.of());
  }
}
