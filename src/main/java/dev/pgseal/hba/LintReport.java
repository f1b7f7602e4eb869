package dev.pgseal.hba;

import java.util.List;

/**
 * What a lint found.
 *
 * @param findings in the order of the lines they are about; of more than {@link HbaLimits#TOLD} the
 *     worst
 */
public record LintReport(int errors, int warnings, int infos, List<LintFinding> findings) {

  public LintReport {
    findings = List.copyOf(findings);
  }

  /** How many findings there are beside those that are told. */
  public int omitted() {
    return errors + warnings + infos - findings.size();
  }
}
