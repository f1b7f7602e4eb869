package dev.pgseal.hba;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file and all it refers to into one list of lines in the order in which PostgreSQL sees
 * them (hba.c, tokenize_auth_file and its callees).
 */
final class TreeTokenizer {

  /** conffiles.h, CONF_FILE_MAX_DEPTH; 14 and 15 have no guard. */
  private static final int MAX_DEPTH = 10;

  /** An error of that length counts as a word. */
  private static final int WORD_BYTES = 64;

  private final HbaDialect dialect;
  private final @Nullable HbaFileReader reader;
  private final Map<String, SourceFile> files = new LinkedHashMap<>();
  private final List<HbaInclude> includes = new ArrayList<>();
  private final List<String> open = new ArrayList<>();
  private long bytesRead;
  private long words;
  private long lines;

  TreeTokenizer(HbaDialect dialect, @Nullable HbaFileReader reader) {
    this.dialect = dialect;
    this.reader = reader;
  }

  List<TokenizedLine> read(SourceFile main) {
    put(main);
    var records = new ArrayList<TokenizedLine>();
    tokenize(main, 0, records);
    return records;
  }

  /** Every file read, main file first. */
  Map<String, SourceFile> files() {
    return files;
  }

  List<HbaInclude> includes() {
    return includes;
  }

  private void tokenize(SourceFile source, int depth, List<TokenizedLine> out) {
    bytesRead += source.content().length();
    if (bytesRead > HbaLimits.TREE_BYTES) {
      throw HbaLimits.exceeded("What is included", HbaLimits.TREE_BYTES, source.path());
    }
    if (depth > HbaLimits.DEPTH) {
      throw HbaLimits.exceeded("The depth of references", HbaLimits.DEPTH, source.path());
    }
    open.add(source.path());
    for (LogicalLine line : source.lines()) {
      new LineTokenizer(source, line, depth).run(out);
    }
    open.remove(open.size() - 1);
  }

  private void put(SourceFile file) {
    files.put(file.path(), file);
    lines += file.lines().size();
    if (lines > HbaLimits.TREE_LINES) {
      throw HbaLimits.exceeded("The number of lines", HbaLimits.TREE_LINES, file.path());
    }
  }

  private void countWord(String file) {
    countWords(1, file);
  }

  private void countWords(int more, String file) {
    words += more;
    if (words > HbaLimits.TREE_WORDS) {
      throw HbaLimits.exceeded("The number of words", HbaLimits.TREE_WORDS, file);
    }
  }

  /** One line on its way; a field of the line may pull in files. */
  private final class LineTokenizer {

    private final SourceFile source;
    private final LogicalLine line;
    private final int depth;
    private final Lexer lexer;
    private final List<Field> fields = new ArrayList<>(8);
    private @Nullable String error;
    private @Nullable HbaInclude unread;

    LineTokenizer(SourceFile source, LogicalLine line, int depth) {
      this.source = source;
      this.line = line;
      this.depth = depth;
      this.lexer = new Lexer(line.text(), dialect);
    }

    void run(List<TokenizedLine> out) {
      while (!lexer.atEnd() && error == null && unread == null) {
        readField();
      }
      if (fields.isEmpty() && error == null && unread == null) {
        return;
      }
      if (error == null && unread == null && fields.size() == 2 && isInclude()) {
        include(out);
        if (error == null && unread == null) {
          return;
        }
      }
      if (error != null) {
        countWords(error.length() / WORD_BYTES, source.path());
      }
      out.add(new TokenizedLine(source, line, fields, error, unread, lexer.commentStart()));
    }

    private void readField() {
      List<HbaToken> tokens = new ArrayList<>(2);
      int start = -1;
      int end = lexer.position();
      do {
        HbaToken token = lexer.next();
        if (token == null) {
          if (lexer.tooLong()) {
            error = "authentication file token too long";
          }
          break;
        }
        countWord(source.path());
        start = start < 0 ? lexer.tokenStart() : start;
        end = lexer.position();
        if (!token.quoted() && token.text().length() > 1 && token.text().startsWith("@")) {
          expand(token.text().substring(1), tokens);
        } else {
          tokens.add(token);
        }
      } while (lexer.endedByComma() && error == null && unread == null);
      if (!tokens.isEmpty()) {
        fields.add(new Field(tokens, start, end));
      }
    }

    private void expand(String reference, List<HbaToken> tokens) {
      HbaInclude include = refer(HbaInclude.Kind.LIST, reference);
      if (reader == null) {
        unread = include;
        return;
      }
      SourceFile file = openFile(include, depth + 1);
      if (file == null) {
        return;
      }
      var lines = new ArrayList<TokenizedLine>();
      tokenize(file, depth + 1, lines);
      for (TokenizedLine inner : lines) {
        if (inner.error() != null) {
          error = inner.error();
          return;
        }
        for (Field field : inner.fields()) {
          tokens.addAll(field.tokens());
        }
      }
    }

    private boolean isInclude() {
      return dialect.hasIncludesAndRegexes() && kind() != null;
    }

    private HbaInclude.@Nullable Kind kind() {
      return switch (fields.get(0).first().text()) {
        case "include" -> HbaInclude.Kind.INCLUDE;
        case "include_if_exists" -> HbaInclude.Kind.INCLUDE_IF_EXISTS;
        case "include_dir" -> HbaInclude.Kind.INCLUDE_DIR;
        default -> null;
      };
    }

    private void include(List<TokenizedLine> out) {
      HbaInclude include = refer(kind(), fields.get(1).first().text());
      if (reader == null) {
        unread = include;
      } else if (include.kind() == HbaInclude.Kind.INCLUDE_DIR) {
        includeDirectory(include, reader, out);
      } else {
        splice(include, out);
      }
    }

    private void includeDirectory(
        HbaInclude include, HbaFileReader reader, List<TokenizedLine> out) {
      List<String> names = reader.list(include.path());
      if (names == null) {
        error = "could not open directory \"" + include.path() + "\"";
        return;
      }
      var errors = new ArrayList<String>();
      names.stream()
          .filter(name -> name.endsWith(".conf") && name.length() > 5 && !name.startsWith("."))
          .sorted()
          .forEach(
              name -> {
                String path = Paths.join(include.path(), name);
                splice(
                    new HbaInclude(include.file(), include.line(), include.kind(), path, path),
                    out);
                if (error != null) {
                  errors.add(error);
                }
              });
      error = errors.isEmpty() ? null : String.join("\n", errors);
    }

    private void splice(HbaInclude include, List<TokenizedLine> out) {
      SourceFile file = openFile(include, depth + 1);
      if (file != null) {
        tokenize(file, depth + 1, out);
      }
    }

    private @Nullable SourceFile openFile(HbaInclude include, int fileDepth) {
      countWord(source.path());
      String path = include.path();
      if (path.length() > HbaLimits.PATH_BYTES) {
        error = "could not open file \"" + path + "\": File name too long";
        return null;
      }
      if (dialect.hasIncludesAndRegexes()) {
        if (fileDepth > MAX_DEPTH) {
          error = "could not open file \"" + path + "\": maximum nesting depth exceeded";
          return null;
        }
      } else if (open.contains(path)) {
        error =
            "\"@"
                + include.reference()
                + "\" includes itself: PostgreSQL "
                + dialect.major()
                + " would recurse until the postmaster dies";
        return null;
      }
      SourceFile known = files.get(path);
      if (known == null) {
        byte[] content = reader == null ? null : reader.read(path);
        if (content == null) {
          error = absent(include);
          return null;
        }
        known = SourceFile.of(path, HbaText.ofBytes(content));
        put(known);
      }
      return known;
    }

    private @Nullable String absent(HbaInclude include) {
      boolean belowFile = isBelowFile(include.path());
      if (include.kind() == HbaInclude.Kind.INCLUDE_IF_EXISTS && !belowFile) {
        return null;
      }
      String reason =
          "\""
              + include.path()
              + "\": "
              + (belowFile ? "Not a directory" : "No such file or directory");
      return dialect.hasIncludesAndRegexes()
          ? "could not open file " + reason
          : "could not open secondary authentication file \"@"
              + include.reference()
              + "\" as "
              + reason;
    }

    /** ENOTDIR, which include_if_exists does not forgive. */
    private boolean isBelowFile(String path) {
      for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
        if (reader != null && reader.read(path.substring(0, slash)) != null) {
          return true;
        }
      }
      return false;
    }

    private HbaInclude refer(HbaInclude.Kind kind, String reference) {
      String path = Paths.resolve(reference, source.path());
      var include = new HbaInclude(source.path(), line.number(), kind, reference, path);
      includes.add(include);
      return include;
    }
  }
}
