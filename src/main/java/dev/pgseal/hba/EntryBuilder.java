package dev.pgseal.hba;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes entries of tokenized lines and gives each rule its id. */
final class EntryBuilder {

  private static final int ID_BYTES = 6;

  private final String mainFile;
  private final RecordParser parser;
  private final MessageDigest digest;
  private final Map<String, Integer> occurrences = new HashMap<>();
  private @Nullable SourceFile hashed;
  private byte[] content = {};

  EntryBuilder(HbaDialect dialect, String mainFile) {
    this.mainFile = mainFile;
    this.parser = new RecordParser(dialect);
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  HbaEntry entry(TokenizedLine line) {
    HbaInclude unread = line.unread();
    if (unread != null) {
      return new HbaUnread(
          line.source().path(), line.line().number(), unread.kind(), unread.reference());
    }
    String error = line.error();
    if (error != null) {
      return error(line, 0, error, error);
    }
    try {
      return rule(line, parser.parse(line.fields(), line.line().text().length()));
    } catch (RecordError refused) {
      return error(line, refused.offset(), refused.message(), refused.viewError());
    }
  }

  private HbaRule rule(TokenizedLine line, RecordParser.Parts parts) {
    String text = line.line().text();
    return new HbaRule(
        id(line),
        line.source().path(),
        line.line().number(),
        parts.type(),
        parts.databases(),
        parts.users(),
        parts.address(),
        parts.method(),
        parts.options(),
        line.commentStart() < 0 ? null : text.substring(line.commentStart() + 1),
        text,
        parts.cannotMatch());
  }

  private static HbaError error(
      TokenizedLine line, int offset, String message, @Nullable String viewError) {
    int column = line.source().column(line.line().fileOffset(offset));
    return new HbaError(
        line.source().path(), line.line().number(), column, message, viewError, line.line().text());
  }

  /** Of the file (unless it is the main one) and the line's own bytes; equal lines are counted. */
  private String id(TokenizedLine line) {
    SourceFile source = line.source();
    if (hashed != source) {
      hashed = source;
      content = HbaText.toBytes(source.content());
    }
    if (!source.path().equals(mainFile)) {
      digest.update(source.path().getBytes(StandardCharsets.UTF_8));
    }
    int start = line.line().start();
    digest.update(content, start, end(start, line.line().end()) - start);
    String hash = HexFormat.of().formatHex(digest.digest(), 0, ID_BYTES);
    int occurrence = occurrences.merge(hash, 1, Integer::sum);
    return occurrence == 1 ? hash : hash + "-" + occurrence;
  }

  /** Before the line end. */
  private int end(int start, int lineEnd) {
    int end = lineEnd;
    while (end > start && (content[end - 1] == '\n' || content[end - 1] == '\r')) {
      end--;
    }
    return end;
  }
}
