package dev.pgseal.hba;

import org.jspecify.annotations.Nullable;

/**
 * Something about a file that deserves a look.
 *
 * @param ruleId the rule it is about, or null when it is about the text
 * @param message what is so and why it matters
 * @param cure what to do about it
 */
public record LintFinding(
    LintCode code,
    LintSeverity severity,
    String file,
    int line,
    @Nullable String ruleId,
    String message,
    String cure) {

  public LintFinding {
    message = HbaText.shortened(message, HbaLimits.SENTENCE);
  }
}
