package dev.pgseal.hba;

import java.util.HashSet;
import java.util.List;

/** Finds what a careful administrator would ask about. */
public final class HbaLint {

  private HbaLint() {}

  /** Findings in the order of the lines they are about; of more than a thousand the worst. */
  public static List<LintFinding> lint(HbaDocument document, LintOptions options) {
    return report(document, options).findings();
  }

  /** The same with what was counted. */
  public static LintReport report(HbaDocument document, LintOptions options) {
    var findings = new Findings(document.mainFile(), HbaLimits.TOLD);
    for (HbaEntry entry : document.entries()) {
      if (entry instanceof HbaError error) {
        findings.add(refused(error));
      } else if (entry instanceof HbaUnread unread) {
        findings.add(unread(unread));
      } else if (entry instanceof HbaRule rule && !HbaSentinel.isSentinel(rule)) {
        new RuleLint(rule, options, findings).run();
      }
    }
    selfIncludes(document, findings);
    generationLine(document, findings);
    new TextLint(document, findings).run();
    new ReachLint(document, findings).run();
    return findings.report();
  }

  /** Only the rules that no connection ever reaches, duplicates among them. */
  public static LintReport unreachable(HbaDocument document) {
    var findings = new Findings(document.mainFile(), HbaLimits.TOLD);
    new ReachLint(document, findings).unreachable();
    return findings.report();
  }

  private static LintFinding refused(HbaError error) {
    return new LintFinding(
        LintCode.REFUSED,
        LintSeverity.ERROR,
        error.file(),
        error.line(),
        null,
        "PostgreSQL refuses the whole file: " + HbaText.toShown(error.message()),
        "Correct the line; until then a reload keeps the old rules and a start fails.");
  }

  private static LintFinding unread(HbaUnread unread) {
    return new LintFinding(
        LintCode.FILE_NOT_READ,
        LintSeverity.INFO,
        unread.file(),
        unread.line(),
        null,
        "It refers to " + HbaText.toReadable(unread.reference()) + ", which was not looked at",
        "Give the other files as well.");
  }

  /** 14 and 15 follow a file into itself without end (hba.c, tokenize_inc_file). */
  private static void selfIncludes(HbaDocument document, Findings findings) {
    var told = new HashSet<String>();
    for (HbaInclude include : document.includes()) {
      if (include.path().equals(include.file())
          && told.add(include.line() + " " + include.file())) {
        boolean deadly = document.dialect().major() < 16;
        findings.add(
            new LintFinding(
                LintCode.SELF_INCLUDE,
                LintSeverity.ERROR,
                include.file(),
                include.line(),
                null,
                deadly
                    ? "The file includes itself: a reload brings the postmaster down"
                    : "The file includes itself: PostgreSQL refuses it at the eleventh level",
                "Remove the reference."));
      }
    }
  }

  private static void generationLine(HbaDocument document, Findings findings) {
    List<HbaRule> rules = document.rules();
    for (int i = 1; i < rules.size(); i++) {
      HbaRule rule = rules.get(i);
      if (HbaSentinel.isSentinel(rule)) {
        findings.add(
            new LintFinding(
                LintCode.GENERATION_LINE_NOT_FIRST,
                LintSeverity.WARNING,
                rule.file(),
                rule.line(),
                rule.id(),
                "pgseal's generation line is not the first rule, so another may answer for it",
                "Move it to the top."));
      }
    }
  }
}
