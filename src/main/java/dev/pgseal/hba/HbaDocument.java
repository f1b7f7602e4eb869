package dev.pgseal.hba;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A pg_hba.conf, with the files it refers to when a reader was given: its bytes and what PostgreSQL
 * of one major makes of them. Immutable; rendering an unedited document gives the same bytes.
 */
public final class HbaDocument {

  /** Path of the main file of a document that was parsed from bytes alone. */
  public static final String LONE_FILE = "pg_hba.conf";

  private final HbaDialect dialect;
  private final String mainFile;
  private final Map<String, SourceFile> files;
  private final @Nullable HbaFileReader reader;
  private final List<HbaInclude> includes;
  private final List<Located> located;
  private final List<HbaRule> rules;
  private final List<HbaError> errors;
  private final Map<String, Located> byId = new LinkedHashMap<>();
  private final boolean treeEditable;

  /** An entry and where it came from. */
  record Located(HbaEntry entry, TokenizedLine source) {}

  private HbaDocument(
      HbaDialect dialect, SourceFile main, @Nullable HbaFileReader reader, boolean treeEditable) {
    this.dialect = dialect;
    this.treeEditable = treeEditable;
    this.mainFile = main.path();
    this.reader = reader;
    var tokenizer = new TreeTokenizer(dialect, reader);
    List<TokenizedLine> lines = tokenizer.read(main);
    this.files = Map.copyOf(tokenizer.files());
    this.includes = List.copyOf(tokenizer.includes());
    var builder = new EntryBuilder(dialect, mainFile);
    this.located = lines.stream().map(line -> new Located(builder.entry(line), line)).toList();
    this.rules = only(HbaRule.class);
    this.errors = only(HbaError.class);
    for (Located each : located) {
      if (each.entry() instanceof HbaRule rule) {
        byId.put(rule.id(), each);
      }
    }
  }

  /** Parses a single file; references to other files stay {@link HbaUnread}. */
  public static HbaDocument parse(byte[] content, int postgresMajor) {
    return parse(content, HbaDialect.of(postgresMajor));
  }

  /** Parses a single file; references to other files stay {@link HbaUnread}. */
  public static HbaDocument parse(byte[] content, HbaDialect dialect) {
    return parseText(HbaText.ofBytes(content), dialect);
  }

  /** Parses a file and all it refers to. */
  public static HbaDocument parse(String path, HbaFileReader reader, int postgresMajor) {
    return parse(path, reader, HbaDialect.of(postgresMajor));
  }

  /**
   * Parses a file and all it refers to.
   *
   * @throws PgsealException HBA_INVALID when the main file does not exist, PAYLOAD_TOO_LARGE when
   *     the tree is larger than any real one
   */
  public static HbaDocument parse(String path, HbaFileReader reader, HbaDialect dialect) {
    return parse(path, reader, dialect, false);
  }

  /** The same, and its edits may also reach into included files, see {@link #withEditableTree}. */
  public static HbaDocument parseEditable(String path, HbaFileReader reader, HbaDialect dialect) {
    return parse(path, reader, dialect, true);
  }

  private static HbaDocument parse(
      String path, HbaFileReader reader, HbaDialect dialect, boolean treeEditable) {
    byte[] content = reader.read(path);
    if (content == null) {
      throw new PgsealException(
          ProblemType.HBA_INVALID,
          "could not open file \"" + path + "\": No such file or directory");
    }
    SourceFile main = SourceFile.of(path, HbaText.ofBytes(content));
    return new HbaDocument(dialect, main, reader, treeEditable);
  }

  static HbaDocument parseText(String byteText, HbaDialect dialect) {
    return new HbaDocument(dialect, SourceFile.of(LONE_FILE, byteText), null, false);
  }

  /** The bytes of the main file. */
  public byte[] bytes() {
    return HbaText.toBytes(main().content());
  }

  /** The bytes of one file of the tree. */
  public byte[] bytes(String file) {
    return HbaText.toBytes(file(file).content());
  }

  public String mainFile() {
    return mainFile;
  }

  /** Paths of all files read, sorted. */
  public List<String> files() {
    return files.keySet().stream().sorted().toList();
  }

  public HbaDialect dialect() {
    return dialect;
  }

  /** All records in the order in which PostgreSQL tries them. */
  public List<HbaEntry> entries() {
    return located.stream().map(Located::entry).toList();
  }

  /** The records that load, in the order in which PostgreSQL tries them. */
  public List<HbaRule> rules() {
    return rules;
  }

  /** The records because of which PostgreSQL refuses the file. */
  public List<HbaError> errors() {
    return errors;
  }

  /** References that were not followed, for want of a reader. */
  public List<HbaUnread> unread() {
    return only(HbaUnread.class);
  }

  /** Every reference to another file, followed or not, once for each time it is met. */
  public List<HbaInclude> includes() {
    return includes;
  }

  public boolean hasIncludes() {
    return !includes.isEmpty();
  }

  /** Why a reload would keep the old rules and a start would fail, in PostgreSQL's words. */
  public Optional<String> refusal() {
    if (!errors.isEmpty()) {
      return Optional.of(errors.get(0).message());
    }
    return located.isEmpty()
        ? Optional.of("configuration file \"" + mainFile + "\" contains no entries")
        : Optional.empty();
  }

  /** Whether a reload would keep the old rules and a start would fail. */
  public boolean refused() {
    return refusal().isPresent();
  }

  /**
   * This document, when PostgreSQL would load it.
   *
   * @throws PgsealException HBA_INVALID with {@code file}, {@code line} and {@code column} of the
   *     first error
   */
  public HbaDocument requireLoadable() {
    if (!errors.isEmpty()) {
      HbaError error = errors.get(0);
      throw new PgsealException(
              ProblemType.HBA_INVALID,
              HbaText.shortened(HbaText.toShown(error.message()), HbaLimits.SENTENCE)
                  + " (line "
                  + error.line()
                  + " of "
                  + HbaText.shortened(error.file(), HbaLimits.SENTENCE)
                  + ")")
          .with("file", HbaText.shortened(error.file(), HbaLimits.SENTENCE))
          .with("line", error.line())
          .with("column", error.column());
    }
    refusal()
        .ifPresent(
            why -> {
              throw new PgsealException(ProblemType.HBA_INVALID, why)
                  .hint("Without a record nobody can connect; write at least one.");
            });
    return this;
  }

  public Optional<HbaRule> rule(String id) {
    return Optional.ofNullable(byId.get(id)).map(found -> (HbaRule) found.entry());
  }

  /**
   * The same document whose edits may also reach into included files. Whoever asks for this must
   * write {@link #changedFiles}, not only the main file.
   */
  public HbaDocument withEditableTree() {
    HbaFileReader known = reader == null ? null : new Overlay(reader, this, Map.of());
    return new HbaDocument(dialect, main(), known, true);
  }

  boolean treeEditable() {
    return treeEditable;
  }

  /** Path and content of each file whose bytes differ from those in the earlier document. */
  public Map<String, byte[]> changedFiles(HbaDocument before) {
    Map<String, byte[]> changed = new TreeMap<>();
    files.forEach(
        (path, file) -> {
          SourceFile old = before.files.get(path);
          if (old == null || !old.content().equals(file.content())) {
            changed.put(path, HbaText.toBytes(file.content()));
          }
        });
    return changed;
  }

  SourceFile main() {
    return file(mainFile);
  }

  SourceFile file(String path) {
    SourceFile file = files.get(path);
    if (file == null) {
      throw new PgsealException(ProblemType.NOT_FOUND, "The tree has no file " + path);
    }
    return file;
  }

  List<Located> located() {
    return located;
  }

  Optional<Located> located(String ruleId) {
    return Optional.ofNullable(byId.get(ruleId));
  }

  /** The same tree with other content in some of its files. */
  HbaDocument withContents(Map<String, String> changed) {
    String main = changed.getOrDefault(mainFile, main().content());
    HbaFileReader below = reader == null ? null : new Overlay(reader, this, changed);
    return new HbaDocument(dialect, SourceFile.of(mainFile, main), below, treeEditable);
  }

  /** Files already read are not read again, so that an edit is of what was shown. */
  private record Overlay(HbaFileReader below, HbaDocument known, Map<String, String> changed)
      implements HbaFileReader {

    @Override
    public byte @Nullable [] read(String path) {
      String content = changed.get(path);
      if (content != null) {
        return HbaText.toBytes(content);
      }
      SourceFile file = known.files.get(path);
      return file == null ? below.read(path) : HbaText.toBytes(file.content());
    }

    @Override
    public @Nullable List<String> list(String directory) {
      return below.list(directory);
    }
  }

  private <T extends HbaEntry> List<T> only(Class<T> kind) {
    return located.stream().map(Located::entry).filter(kind::isInstance).map(kind::cast).toList();
  }
}
