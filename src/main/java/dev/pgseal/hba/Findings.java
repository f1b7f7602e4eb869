package dev.pgseal.hba;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** Collects findings: counts them all, and keeps the worst. */
final class Findings {

  private final int most;
  private final Comparator<LintFinding> byPlace;
  private final PriorityQueue<LintFinding> kept;
  private final Map<LintSeverity, Integer> counts = new EnumMap<>(LintSeverity.class);

  /**
   * @param mainFile findings in it come first
   * @param most how many are kept
   */
  Findings(String mainFile, int most) {
    this.most = most;
    this.byPlace =
        Comparator.comparing((LintFinding f) -> !f.file().equals(mainFile))
            .thenComparing(LintFinding::file)
            .thenComparingInt(LintFinding::line);
    this.kept =
        new PriorityQueue<>(
            Comparator.comparing(LintFinding::severity).thenComparing(byPlace).reversed());
  }

  void add(LintFinding finding) {
    counts.merge(finding.severity(), 1, Integer::sum);
    kept.add(finding);
    if (kept.size() > most) {
      kept.remove();
    }
  }

  LintReport report() {
    List<LintFinding> findings = new ArrayList<>(kept);
    findings.sort(byPlace.thenComparing(LintFinding::code));
    return new LintReport(
        counts.getOrDefault(LintSeverity.ERROR, 0),
        counts.getOrDefault(LintSeverity.WARNING, 0),
        counts.getOrDefault(LintSeverity.INFO, 0),
        findings);
  }
}
