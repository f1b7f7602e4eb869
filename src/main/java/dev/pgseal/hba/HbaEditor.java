package dev.pgseal.hba;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.List;

/**
 * Changes single rules. Only the bytes of the line concerned change; the file's line end is kept.
 *
 * <p>Rule texts are readable texts and must parse as exactly one record of the document's dialect,
 * else HBA_INVALID. Where an edit cannot be made without touching what it should not,
 * HBA_NOT_EDITABLE; an unknown rule id is NOT_FOUND.
 */
public final class HbaEditor {

  private final HbaDocument document;

  private HbaEditor(HbaDocument document) {
    this.document = document;
  }

  /** A rule above the rule with that id. */
  public static HbaDocument insertBefore(HbaDocument document, String ruleId, String rule) {
    var editor = new HbaEditor(document);
    TokenizedLine anchor = editor.line(ruleId);
    return editor.insert(anchor.source(), anchor.line().start(), editor.checked(rule));
  }

  /** A rule below the rule with that id. */
  public static HbaDocument insertAfter(HbaDocument document, String ruleId, String rule) {
    var editor = new HbaEditor(document);
    TokenizedLine anchor = editor.line(ruleId);
    return editor.insert(anchor.source(), anchor.line().end(), editor.checked(rule));
  }

  /** A rule above all others of the main file, but below the generation line. */
  public static HbaDocument insertAtTop(HbaDocument document, String rule) {
    var editor = new HbaEditor(document);
    String text = editor.checked(rule);
    SourceFile main = document.main();
    return document.located().stream()
        .filter(located -> located.source().source().path().equals(main.path()))
        .filter(located -> !HbaSentinel.isSentinel(located.entry()))
        .findFirst()
        .map(first -> editor.insert(main, first.source().line().start(), text))
        .orElseGet(() -> editor.insert(main, main.content().length(), text));
  }

  /** A rule below all others of the main file. */
  public static HbaDocument insertAtEnd(HbaDocument document, String rule) {
    var editor = new HbaEditor(document);
    SourceFile main = document.main();
    return editor.insert(main, main.content().length(), editor.checked(rule));
  }

  /** Another rule in the place of the one with that id. */
  public static HbaDocument replace(HbaDocument document, String ruleId, String rule) {
    var editor = new HbaEditor(document);
    TokenizedLine line = editor.line(ruleId);
    int start = line.line().start();
    String text =
        ColumnAlignment.align(document, line.source(), start, line.line(), editor.checked(rule));
    return editor.apply(new Splice(line.source().path(), start, bodyEnd(line), text));
  }

  /** Takes the rule's line away. */
  public static HbaDocument remove(HbaDocument document, String ruleId) {
    var editor = new HbaEditor(document);
    TokenizedLine line = editor.line(ruleId);
    return editor.apply(
        new Splice(line.source().path(), line.line().start(), line.line().end(), ""));
  }

  /** Takes the rule's line and puts it above another rule, of whichever file. */
  public static HbaDocument moveBefore(HbaDocument document, String ruleId, String otherId) {
    return new HbaEditor(document).move(ruleId, otherId, true);
  }

  /** Takes the rule's line and puts it below another rule, of whichever file. */
  public static HbaDocument moveAfter(HbaDocument document, String ruleId, String otherId) {
    return new HbaEditor(document).move(ruleId, otherId, false);
  }

  private HbaDocument move(String ruleId, String otherId, boolean before) {
    TokenizedLine moved = line(ruleId);
    TokenizedLine anchor = line(otherId);
    String path = moved.source().path();
    int start = moved.line().start();
    if (moved.source() == anchor.source() && start == anchor.line().start()) {
      return document;
    }
    String body = moved.source().content().substring(start, bodyEnd(moved));
    requireMovable(moved, anchor.source().path(), body);
    int offset = before ? anchor.line().start() : anchor.line().end();
    return Splice.apply(
        document,
        List.of(
            insertion(anchor.source(), offset, body),
            new Splice(path, start, moved.line().end(), "")));
  }

  private void requireMovable(TokenizedLine moved, String target, String body) {
    if (body.endsWith("\\")) {
      throw new PgsealException(
              ProblemType.HBA_NOT_EDITABLE,
              "The rule ends in a backslash, which would join the line behind its new place")
          .hint("Write the rule without it first.");
    }
    for (HbaInclude include : document.includes()) {
      boolean ofRule =
          include.file().equals(moved.source().path()) && include.line() == moved.line().number();
      if (ofRule && !Paths.resolve(include.reference(), target).equals(include.path())) {
        throw new PgsealException(
                ProblemType.HBA_NOT_EDITABLE,
                "@%s would be looked for beside %s, and is %s"
                    .formatted(include.reference(), target, include.path()))
            .with("file", include.file())
            .with("line", include.line())
            .hint("Write the list's whole path into the rule on the server first.");
      }
    }
  }

  /**
   * Makes the rule's line a comment, continuation lines and all.
   *
   * @param reason one line that is put before it
   */
  public static HbaDocument commentOut(HbaDocument document, String ruleId, String reason) {
    var editor = new HbaEditor(document);
    TokenizedLine line = editor.line(ruleId);
    String why = HbaText.ofReadable(reason.replaceAll("\\p{Cntrl}", " ").strip());
    String prefix = why.isEmpty() ? "# " : "# " + why + ": ";
    int start = line.line().start();
    return editor.apply(new Splice(line.source().path(), start, start, prefix));
  }

  /** Offset behind a logical line without its last line end. */
  static int bodyEnd(TokenizedLine line) {
    String content = line.source().content();
    int end = line.line().end();
    if (end > line.line().start() && content.charAt(end - 1) == '\n') {
      end--;
    }
    while (end > line.line().start() && content.charAt(end - 1) == '\r') {
      end--;
    }
    return end;
  }

  /** A whole line at that offset, which is the start of a logical line or the end of the file. */
  static Splice insertion(SourceFile file, int offset, String text) {
    String lineEnd = file.lineEnd();
    String content = file.content();
    if (offset < content.length()) {
      return new Splice(file.path(), offset, offset, text + lineEnd);
    }
    String before = content.isEmpty() || content.endsWith("\n") ? "" : lineEnd;
    return new Splice(
        file.path(), offset, offset, (endsOpen(file) ? before + lineEnd : before) + text + lineEnd);
  }

  /** Whether the file ends in a continuation, which would swallow a line put behind it. */
  private static boolean endsOpen(SourceFile file) {
    if (file.lines().isEmpty()) {
      return false;
    }
    String raw = file.raw(file.lines().get(file.lines().size() - 1));
    return raw.replaceFirst("\\r*\\n?\\z", "").endsWith("\\");
  }

  private TokenizedLine line(String ruleId) {
    TokenizedLine line =
        document
            .located(ruleId)
            .orElseThrow(
                () ->
                    new PgsealException(
                        ProblemType.NOT_FOUND, "There is no rule " + ruleId + " in this file"))
            .source();
    requireEditable(document, line.source());
    return line;
  }

  /** Refuses what cannot be edited line by line. */
  static void requireEditable(HbaDocument document, SourceFile file) {
    if (!file.path().equals(document.mainFile()) && !document.treeEditable()) {
      throw new PgsealException(
              ProblemType.HBA_NOT_EDITABLE,
              "The rule lies in " + file.path() + ", not in " + document.mainFile())
          .with("file", file.path())
          .hint("Edit that file on the server, or move its rules into the main file.");
    }
    if (file.hasNul()) {
      throw new PgsealException(
              ProblemType.HBA_NOT_EDITABLE,
              file.path() + " holds NUL bytes, behind which PostgreSQL loses track of lines")
          .with("file", file.path())
          .hint("Remove the NUL bytes by replacing the whole file.");
    }
  }

  private HbaDocument insert(SourceFile file, int offset, String text) {
    requireEditable(document, file);
    return apply(
        insertion(file, offset, ColumnAlignment.align(document, file, offset, null, text)));
  }

  private HbaDocument apply(Splice splice) {
    return Splice.apply(document, List.of(splice));
  }

  /** The byte text of a rule to be written, without line end. */
  private String checked(String rule) {
    String text = HbaText.ofReadable(rule).replaceFirst("[\\r\\n]+$", "");
    if (text.indexOf('\0') >= 0) {
      throw invalid("a rule cannot hold a NUL byte", 1, text.indexOf('\0') + 1);
    }
    if (text.endsWith("\\")) {
      throw invalid("a backslash at the end would join the next line", 1, text.length());
    }
    HbaDocument alone = HbaDocument.parseText(text, document.dialect());
    for (HbaError error : alone.errors()) {
      throw invalid(HbaText.toReadable(error.message()), error.line(), error.column());
    }
    for (HbaUnread unread : alone.unread()) {
      throw invalid(
          "a rule written here cannot refer to another file: " + unread.reference(),
          unread.line(),
          1);
    }
    if (alone.rules().size() != 1 || alone.main().lines().size() != 1) {
      throw invalid("exactly one rule is expected, on one line (backslashes may join lines)", 1, 1);
    }
    return text;
  }

  private static PgsealException invalid(String detail, int line, int column) {
    return new PgsealException(ProblemType.HBA_INVALID, detail)
        .with("line", line)
        .with("column", column);
  }
}
