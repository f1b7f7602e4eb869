package dev.pgseal.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Whatever makes pods: its name, whom it selects, and what they are. */
record Workload(HasMetadata owner, LabelSelector selector, PodTemplateSpec template) {

  String name() {
    return owner.getMetadata().getName();
  }

  PodSpec pod() {
    return template.getSpec();
  }

  Map<String, String> labels() {
    return template.getMetadata().getLabels();
  }

  /** Those that initialise the pod, and those that run. */
  List<Container> containers() {
    return Stream.concat(pod().getInitContainers().stream(), pod().getContainers().stream())
        .toList();
  }

  boolean matches(Map<String, String> wanted) {
    return !wanted.isEmpty() && labels().entrySet().containsAll(wanted.entrySet());
  }

  /** Whether some container listens there. */
  boolean hasPort(IntOrString port) {
    return containers().stream()
        .flatMap(container -> container.getPorts().stream())
        .anyMatch(
            p ->
                p.getName().equals(port.getStrVal())
                    || p.getContainerPort().equals(port.getIntVal()));
  }
}
