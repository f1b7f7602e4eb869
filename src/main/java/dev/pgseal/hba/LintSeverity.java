package dev.pgseal.hba;

/** How bad it is. */
public enum LintSeverity {
  /** PostgreSQL refuses the file, or worse. */
  ERROR,
  /** Probably not what was meant, or weak. */
  WARNING,
  /** Good to know. */
  INFO
}
