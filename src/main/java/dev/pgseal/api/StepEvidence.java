package dev.pgseal.api;

import dev.pgseal.job.JobStep;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Picks the evidence out of what the steps of one server observed, by the names under which steps
 * record it; what other kinds of job record otherwise stays in their steps.
 */
final class StepEvidence {

  private static final String FINGERPRINT = "fingerprint";
  private static final String SESSIONS = "sessionsByEncryption";
  private static final List<String> PROBES =
      List.of("plaintextLogin", "plaintextReplicationLogin", "sslRequest");

  private final List<JobStep> steps;

  StepEvidence(List<JobStep> steps) {
    this.steps = steps;
  }

  /** What the last step that knows says. */
  private @Nullable Object last(String key) {
    Object found = null;
    for (JobStep step : steps) {
      found = step.observed().getOrDefault(key, found);
    }
    return found;
  }

  @Nullable String text(String key) {
    Object value = last(key);
    return value == null ? null : value.toString();
  }

  private @Nullable Instant instant(String key) {
    String text = text(key);
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** As the proof says, or when its last step ended: that saw it from outside. */
  @Nullable Instant provedAt() {
    Instant said = instant("provedAt");
    return said != null || steps.isEmpty() ? said : steps.get(steps.size() - 1).finishedAt();
  }

  JobReport.@Nullable CertificateEvidence certificate() {
    if (last(FINGERPRINT) == null) {
      return null;
    }
    return new JobReport.CertificateEvidence(
        text(FINGERPRINT),
        last("subjectAltNames") == null ? null : list("subjectAltNames"),
        instant("notAfter"),
        text("keyOrigin"),
        text("protocol"),
        last("keyOrigin") != null);
  }

  private List<String> list(String key) {
    return last(key) instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of();
  }

  List<JobReport.RulesEvidence> rules() {
    List<JobReport.RulesEvidence> changes = new ArrayList<>();
    for (JobStep step : steps) {
      Object diff = step.observed().get("diff");
      if (diff != null && !diff.toString().isEmpty()) {
        StepEvidence own = new StepEvidence(List.of(step));
        changes.add(
            new JobReport.RulesEvidence(diff.toString(), own.text("sha256"), own.list("remarks")));
      }
    }
    return List.copyOf(changes);
  }

  JobReport.@Nullable SessionsEvidence sessions() {
    List<Map<String, Object>> seen =
        steps.stream()
            .map(step -> step.observed().get(SESSIONS))
            .filter(Map.class::isInstance)
            .map(StepEvidence::object)
            .toList();
    return seen.isEmpty()
        ? null
        : new JobReport.SessionsEvidence(seen.get(0), seen.get(seen.size() - 1));
  }

  private static Map<String, Object> object(Object map) {
    Map<String, Object> object = new LinkedHashMap<>();
    ((Map<?, ?>) map).forEach((key, value) -> object.put(String.valueOf(key), value));
    return object;
  }

  List<JobReport.ProbeEvidence> probes() {
    List<JobReport.ProbeEvidence> probes = new ArrayList<>();
    for (String probe : PROBES) {
      String answer = text(probe);
      if (answer != null) {
        probes.add(new JobReport.ProbeEvidence(probe, answer));
      }
    }
    return List.copyOf(probes);
  }

  List<String> unregisteredStandbys() {
    return last("unregisteredStandbys") instanceof List<?> standbys
        ? standbys.stream()
            .filter(Map.class::isInstance)
            .map(StepEvidence::object)
            .map(
                s ->
                    "%s from %s as %s"
                        .formatted(
                            s.get("applicationName"), s.get("clientAddress"), s.get("username")))
            .toList()
        : List.of();
  }

  /** Of the certificate; those on rules and stream stand with them. */
  List<String> remarks() {
    List<String> remarks = new ArrayList<>(list("warnings"));
    String copied = text("copiedKey");
    if (copied != null) {
      remarks.add(copied);
    }
    return List.copyOf(remarks);
  }

  JobReport.@Nullable StreamEvidence stream() {
    return steps.stream()
        .filter(step -> step.observed().containsKey("sslmode"))
        .findFirst()
        .map(
            step -> {
              StepEvidence own = new StepEvidence(List.of(step));
              return new JobReport.StreamEvidence(
                  own.text("sslmode"), own.text("host"), own.text("remark"), own.list("tried"));
            })
        .orElse(null);
  }
}
