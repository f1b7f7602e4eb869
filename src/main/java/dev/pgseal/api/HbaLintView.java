package dev.pgseal.api;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaLint;
import dev.pgseal.hba.LintFinding;
import dev.pgseal.hba.LintOptions;
import dev.pgseal.hba.LintReport;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What a careful administrator would ask about.
 *
 * @param reloadRefused whether a reload would keep the old rules, and a start fail
 * @param errors how many findings are errors
 * @param warnings how many are warnings
 * @param infos how many are good to know
 * @param findings in the order of the lines; of more than 1000 the worst
 * @param omitted how many there are beside those that are told
 */
@Schema(name = "HbaLint")
public record HbaLintView(
    boolean reloadRefused,
    int errors,
    int warnings,
    int infos,
    List<LintFinding> findings,
    int omitted) {

  static HbaLintView of(HbaDocument document, LintOptions options) {
    LintReport report = HbaLint.report(document, options);
    return new HbaLintView(
        document.refused(),
        report.errors(),
        report.warnings(),
        report.infos(),
        report.findings(),
        report.omitted());
  }
}
