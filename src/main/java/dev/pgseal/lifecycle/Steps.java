package dev.pgseal.lifecycle;

import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The steps of a job in the making. */
final class Steps {

  private final List<JobStep> steps = new ArrayList<>();

  /**
   * @param server null for a step that is about no single server
   */
  Steps add(@Nullable String server, Enum<?> kind, String description) {
    steps.add(
        new JobStep(
            steps.size(),
            server,
            kind.name(),
            description,
            StepState.PENDING,
            Map.of(),
            null,
            null,
            null));
    return this;
  }

  List<JobStep> list() {
    return List.copyOf(steps);
  }
}
