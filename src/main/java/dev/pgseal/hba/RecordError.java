package dev.pgseal.hba;

import org.jspecify.annotations.Nullable;

/** Why one record is refused, while it is being parsed; becomes an {@link HbaError}. */
final class RecordError extends Exception {

  private static final long serialVersionUID = 1L;

  private final int offset;
  private final @Nullable String viewError;

  /**
   * @param offset of the offending field in the logical line
   * @param viewError what pg_hba_file_rules shows
   */
  RecordError(int offset, String message, @Nullable String viewError) {
    super(message, null, false, false);
    this.offset = offset;
    this.viewError = viewError;
  }

  int offset() {
    return offset;
  }

  String message() {
    return getMessage();
  }

  @Nullable String viewError() {
    return viewError;
  }
}
