package dev.pgseal.hba;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pg_ident.conf, with the files it refers to when a reader was given: the lexer and the includes
 * of pg_hba.conf, another grammar. Immutable; whoever edits changes the bytes of one line only. The
 * order of lines means nothing (hba.c, check_usermap).
 */
public final class IdentDocument {

  private static final int ID_BYTES = 6;

  private final HbaDialect dialect;
  private final SourceFile main;
  private final @Nullable HbaFileReader reader;
  private final List<IdentEntry> entries = new ArrayList<>();
  private final List<HbaError> errors = new ArrayList<>();
  private final List<HbaInclude> includes;
  private final Map<String, TokenizedLine> byId = new HashMap<>();

  private IdentDocument(HbaDialect dialect, SourceFile main, @Nullable HbaFileReader reader) {
    this.dialect = dialect;
    this.main = main;
    this.reader = reader;
    var tokenizer = new TreeTokenizer(dialect, reader);
    tokenizer.read(main).forEach(this::add);
    this.includes = List.copyOf(tokenizer.includes());
  }

  /**
   * @param reader of the files it refers to; with null references stay unread
   */
  public static IdentDocument parse(
      String path, byte[] content, @Nullable HbaFileReader reader, HbaDialect dialect) {
    return new IdentDocument(dialect, SourceFile.of(path, HbaText.ofBytes(content)), reader);
  }

  private void add(TokenizedLine line) {
    if (line.unread() != null) {
      return;
    }
    if (line.error() != null) {
      errors.add(error(line, line.error()));
      return;
    }
    String fault = fault(line.fields());
    if (fault != null) {
      errors.add(error(line, fault));
      return;
    }
    String text = line.line().text();
    String id = id(line);
    byId.put(id, line);
    entries.add(
        new IdentEntry(
            id,
            line.source().path(),
            line.line().number(),
            line.fields().get(0).first().text(),
            line.fields().get(1).first(),
            line.fields().get(2).first(),
            line.commentStart() < 0 ? null : text.substring(line.commentStart() + 1),
            text));
  }

  /** In PostgreSQL's words; further fields are not looked at. */
  private @Nullable String fault(List<Field> fields) {
    if (fields.size() < 3) {
      return "missing entry at end of line";
    }
    for (Field field : fields.subList(0, 3)) {
      if (field.tokens().size() > 1) {
        return "multiple values in ident field";
      }
    }
    String systemUser = regexFault(fields.get(1).first(), true);
    return systemUser != null
        ? systemUser
        : regexFault(fields.get(2).first(), dialect.hasIncludesAndRegexes());
  }

  private static @Nullable String regexFault(HbaToken token, boolean regexes) {
    if (!regexes || !token.text().startsWith("/")) {
      return null;
    }
    String pattern = token.text().substring(1);
    String fault = PostgresRegex.compile(pattern).fault();
    return fault == null ? null : "invalid regular expression \"" + pattern + "\": " + fault;
  }

  private static HbaError error(TokenizedLine line, String message) {
    return new HbaError(
        line.source().path(), line.line().number(), 0, message, message, line.line().text());
  }

  /** Of the file and the bytes of the line; equal lines are told apart by their count. */
  private String id(TokenizedLine line) {
    for (int occurrence = 0; ; occurrence++) {
      String id = hash(line.source().path() + '\0' + line.line().text() + '\0' + occurrence);
      if (!byId.containsKey(id)) {
        return id;
      }
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, ID_BYTES);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  public String path() {
    return main.path();
  }

  /** The bytes of the main file. */
  public byte[] bytes() {
    return HbaText.toBytes(main.content());
  }

  public List<IdentEntry> entries() {
    return List.copyOf(entries);
  }

  /** Lines because of which PostgreSQL keeps the old maps. */
  public List<HbaError> errors() {
    return List.copyOf(errors);
  }

  public List<HbaInclude> includes() {
    return includes;
  }

  /**
   * @throws PgsealException {@code IDENT_INVALID} with the first error
   */
  public IdentDocument requireLoadable() {
    if (!errors.isEmpty()) {
      HbaError first = errors.get(0);
      throw new PgsealException(
              ProblemType.IDENT_INVALID,
              "PostgreSQL would refuse line %d of %s: %s"
                  .formatted(first.line(), first.file(), HbaText.toReadable(first.message())))
          .with("line", first.line())
          .with("file", first.file())
          .hint("Nothing was changed; mend the line and send the text again");
    }
    return this;
  }

  /** A line below all others of the main file. */
  public IdentDocument insert(String entry) {
    String text = checked(entry);
    String content = main.content();
    String lineEnd = main.lineEnd();
    String gap = content.isEmpty() || content.endsWith("\n") ? "" : lineEnd;
    String open = content.replaceFirst("[\r\n]*\\z", "").endsWith("\\") ? lineEnd : "";
    return with(content + gap + open + text + lineEnd);
  }

  /** Another line in the place of the one with that id; its comment goes with it. */
  public IdentDocument replace(String id, String entry) {
    TokenizedLine line = editable(id);
    String raw = main.raw(line.line());
    String end = raw.substring(raw.replaceFirst("[\r\n]+\\z", "").length());
    return spliced(line.line(), checked(entry) + end);
  }

  public IdentDocument remove(String id) {
    return spliced(editable(id).line(), "");
  }

  private IdentDocument spliced(LogicalLine line, String replacement) {
    String content = main.content();
    return with(content.substring(0, line.start()) + replacement + content.substring(line.end()));
  }

  private IdentDocument with(String content) {
    return new IdentDocument(dialect, SourceFile.of(main.path(), content), reader);
  }

  private TokenizedLine editable(String id) {
    TokenizedLine line = byId.get(id);
    if (line == null) {
      throw new PgsealException(
          ProblemType.NOT_FOUND, "There is no entry " + id + " in this pg_ident.conf");
    }
    if (!line.source().path().equals(main.path()) || main.hasNul()) {
      throw new PgsealException(
              ProblemType.HBA_NOT_EDITABLE,
              "The entry lies in %s, which cannot be edited line by line"
                  .formatted(line.source().path()))
          .with("file", line.source().path())
          .hint("Edit that file on the server, or replace the whole pg_ident.conf");
    }
    return line;
  }

  /** The byte text of an entry to be written, without line end. */
  private String checked(String entry) {
    String text = HbaText.ofReadable(entry).replaceFirst("[\\r\\n]+$", "");
    var alone = new IdentDocument(dialect, SourceFile.of(main.path(), text), null);
    alone.requireLoadable();
    boolean oneLine =
        alone.entries.size() == 1 && alone.main.lines().size() == 1 && text.indexOf('\0') < 0;
    if (!oneLine || text.endsWith("\\")) {
      throw new PgsealException(
              ProblemType.IDENT_INVALID, "Exactly one entry is expected, on one line")
          .hint("Send: map-name system-user role");
    }
    return text;
  }
}
