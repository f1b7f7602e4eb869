package dev.pgseal.hba;

import java.util.Optional;
import java.util.stream.IntStream;

/** Where in the main file the rules of the whole tree begin. */
final class FirstRecord {

  private FirstRecord() {}

  /**
   * The first line of the main file that PostgreSQL takes a rule from, by itself or by an {@code
   * include}; the generation line does not count.
   */
  static Optional<LogicalLine> of(HbaDocument document) {
    SourceFile main = document.main();
    IntStream records =
        document.located().stream()
            .filter(located -> located.source().source().path().equals(main.path()))
            .filter(located -> !HbaSentinel.isSentinel(located.entry()))
            .mapToInt(located -> located.source().line().number());
    int first = IntStream.concat(records, includes(document)).min().orElse(Integer.MAX_VALUE);
    return main.lines().stream().filter(line -> line.number() == first).findFirst();
  }

  /** Lines of the main file that bring in the records of other files. */
  static IntStream includes(HbaDocument document) {
    return document.includes().stream()
        .filter(include -> include.file().equals(document.mainFile()))
        .filter(include -> include.kind() != HbaInclude.Kind.LIST)
        .mapToInt(HbaInclude::line);
  }

  /**
   * Where a line is to be put that shall come first, above the comment that belongs to the first
   * record.
   */
  static int offset(HbaDocument document) {
    String content = document.main().content();
    return of(document)
        .map(line -> aboveItsComment(content, line.start()))
        .orElse(content.length());
  }

  /** Comment lines right above a rule belong to it: nothing comes between them. */
  private static int aboveItsComment(String content, int ruleStart) {
    int offset = ruleStart;
    while (offset > 0) {
      int above = content.lastIndexOf('\n', offset - 2) + 1;
      boolean comment = content.substring(above, offset).stripLeading().startsWith("#");
      boolean continued = content.substring(0, above).stripTrailing().endsWith("\\");
      if (!comment || continued) {
        return offset;
      }
      offset = above;
    }
    return offset;
  }
}
