package dev.pgseal.hba;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A logical line cut into fields; lines of blanks and comments give none.
 *
 * @param error why it could not be cut or its files not be read, in PostgreSQL's words, or null
 * @param unread the reference that was not followed because there is no reader, or null
 * @param commentStart offset of the comment in the logical line, or -1
 */
record TokenizedLine(
    SourceFile source,
    LogicalLine line,
    List<Field> fields,
    @Nullable String error,
    @Nullable HbaInclude unread,
    int commentStart) {

  TokenizedLine {
    fields = List.copyOf(fields);
  }
}
