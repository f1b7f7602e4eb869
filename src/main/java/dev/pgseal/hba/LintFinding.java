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
    Code code,
    Severity severity,
    String file,
    int line,
    @Nullable String ruleId,
    String message,
    String cure) {

  public LintFinding {
    message = HbaText.shortened(message, HbaLimits.SENTENCE);
  }

  /** How bad it is. */
  public enum Severity {
    /** PostgreSQL refuses the file, or worse. */
    ERROR,
    /** Probably not what was meant, or weak. */
    WARNING,
    /** Good to know. */
    INFO
  }

  /** What it is about; stable, for filters in other people's CI. */
  public enum Code {
    REFUSED,
    SELF_INCLUDE,
    CANNOT_MATCH,
    UNREACHABLE,
    DUPLICATE,
    ADMITS_PLAINTEXT,
    TRUST_OVER_NETWORK,
    PASSWORD_IN_CLEAR,
    MD5_PASSWORD,
    IDENT_OVER_NETWORK,
    OPEN_TO_ALL_ADDRESSES,
    DEPENDS_ON_DNS,
    CLIENTCERT_WITHOUT_CA,
    REPLICATION_NOT_COVERED,
    COMMENT_CONTINUES,
    OCTAL_ADDRESS,
    KEYWORD_AS_NAME,
    FILE_NOT_READ,
    GENERATION_LINE_NOT_FIRST,
    REACH_NOT_CHECKED
  }
}
