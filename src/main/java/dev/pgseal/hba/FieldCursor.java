package dev.pgseal.hba;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walks over the fields of a record and knows where an error is to be shown. */
final class FieldCursor {

  private final List<Field> fields;
  private final int lineLength;
  private int next;
  private @Nullable String warning;

  FieldCursor(List<Field> fields, int lineLength) {
    this.fields = fields;
    this.lineLength = lineLength;
  }

  boolean hasNext() {
    return next < fields.size();
  }

  /** The next field. {@code what} is the noun of PostgreSQL's message when the line ends first. */
  Field next(String what) throws RecordError {
    if (!hasNext()) {
      String message = "end-of-line before " + what;
      throw new RecordError(lineLength, message, message);
    }
    return fields.get(next++);
  }

  /** The next field, which must hold one token. */
  HbaToken single(String what, String noun) throws RecordError {
    Field field = next(what);
    if (field.tokens().size() > 1) {
      throw error("multiple values specified for " + noun);
    }
    return field.first();
  }

  /** An error at the field last taken. */
  RecordError error(String message) {
    return error(message, message);
  }

  /** The same where pg_hba_file_rules says something else than the log. */
  RecordError error(String message, @Nullable String viewError) {
    return new RecordError(fields.get(Math.max(0, next - 1)).start(), message, viewError);
  }

  /** An error that the log has and the view has not: it still shows an earlier warning, if any. */
  RecordError silentError(String message) {
    return error(message, warning);
  }

  /** Remembers why the record can never match; a load goes on. */
  void warn(String cannotMatch) {
    warning = cannotMatch;
  }

  @Nullable String warning() {
    return warning;
  }
}
