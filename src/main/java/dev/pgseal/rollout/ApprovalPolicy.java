package dev.pgseal.rollout;

import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which servers are changed by rollouts of two persons only, whatever the requester says. */
@Startup
@ApplicationScoped
public class ApprovalPolicy {

  private final Set<Map.Entry<String, String>> labels = new HashSet<>();

  @Inject
  ApprovalPolicy(ApprovalConfig config) {
    this(config.serverLabels().orElse(List.of()));
  }

  /**
   * @param labels such as {@code env=prod}
   * @throws IllegalStateException for what is no label: a protection must not be off by a typo
   */
  ApprovalPolicy(List<String> labels) {
    for (String label : labels) {
      int equals = label.indexOf('=');
      if (equals < 1) {
        throw new IllegalStateException(
            "pgseal.approval.server-labels: " + label + " is no label such as env=prod");
      }
      this.labels.add(Map.entry(label.substring(0, equals), label.substring(equals + 1)));
    }
  }

  /** Whether a server with these labels needs it. */
  public boolean demands(Map<String, String> serverLabels) {
    return labels.stream()
        .anyMatch(label -> label.getValue().equals(serverLabels.get(label.getKey())));
  }
}
