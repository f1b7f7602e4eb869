package dev.pgseal.hba;

import org.jspecify.annotations.Nullable;

/**
 * A record because of which a reload refuses the whole file and a start fails.
 *
 * @param column offset of the offending word in the physical line, from 1; 0 when unknown
 * @param message PostgreSQL's own text as its log has it
 * @param viewError column {@code error} of pg_hba_file_rules, which differs or is null for some
 *     (hba.c sets no err_msg for a bad value of clientcert, clientname and some RADIUS lists)
 * @param text the logical line as a byte text
 */
public record HbaError(
    String file, int line, int column, String message, @Nullable String viewError, String text)
    implements HbaEntry {

  /** Without the text, which may hold a secret: records end up in logs. */
  @Override
  public String toString() {
    return file + ":" + line + " " + message;
  }
}
