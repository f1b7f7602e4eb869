package dev.pgseal.hba;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Gives a rule the columns of the rules around it, where those agree. A block is what no blank line
 * divides; in it the nearest rule above and the nearest below count, or the nearest two of a side
 * that is alone. Rules in single spaces have no columns to take over: there, and where neighbours
 * disagree, the text stays as it was written, but for tabs in the place of single spaces where all
 * neighbours have tabs.
 */
final class ColumnAlignment {

  private static final int TAB_STOP = 8;
  private static final int WORTH_KEEPING = 2;

  /** What stands in a column; a mask has none of its own. */
  private enum Role {
    TYPE,
    DATABASE,
    USER,
    ADDRESS,
    METHOD
  }

  /** A rule on one physical line, cut into its fields. */
  private record Row(String text, HbaRule rule, List<Field> fields) {

    static @Nullable Row of(HbaDocument.Located located) {
      if (!(located.entry() instanceof HbaRule rule)) {
        return null;
      }
      TokenizedLine line = located.source();
      String raw = line.source().content().substring(line.line().start(), HbaEditor.bodyEnd(line));
      boolean single = raw.indexOf('\n') < 0 && raw.equals(line.line().text());
      Row row = new Row(raw, rule, line.fields());
      return single && line.fields().size() > row.methodField() ? row : null;
    }

    private int methodField() {
      if (rule.address() == null) {
        return 3;
      }
      boolean mask =
          rule.address() instanceof HbaAddress.Network
              && fields.size() > 3
              && !fields.get(3).first().text().contains("/");
      return mask ? 5 : 4;
    }

    @Nullable Field field(Role role) {
      return switch (role) {
        case TYPE, DATABASE, USER -> fields.get(role.ordinal());
        case ADDRESS -> rule.address() == null ? null : fields.get(3);
        case METHOD -> fields.get(methodField());
      };
    }

    OptionalInt column(Role role) {
      Field field = field(role);
      return field == null ? OptionalInt.empty() : OptionalInt.of(width(text, field.start()));
    }

    /** The blanks in front of the fields behind the first, up to the method. */
    List<String> gaps() {
      var gaps = new ArrayList<String>();
      for (int i = 1; i <= methodField(); i++) {
        gaps.add(text.substring(fields.get(i - 1).end(), fields.get(i).start()));
      }
      return gaps;
    }

    boolean inTabs() {
      return gaps().stream()
          .allMatch(gap -> !gap.isEmpty() && gap.chars().allMatch(c -> c == '\t'));
    }

    boolean inSpaces() {
      return gaps().stream().allMatch(gap -> !gap.isEmpty() && gap.chars().allMatch(c -> c == ' '));
    }

    boolean isWide() {
      return gaps().stream().anyMatch(gap -> gap.length() >= WORTH_KEEPING);
    }
  }

  private final List<Row> neighbours;

  /** What is replaced: it has columns where no neighbour has. */
  private final @Nullable Row itself;

  private ColumnAlignment(List<Row> neighbours, @Nullable Row itself) {
    this.neighbours = neighbours;
    this.itself = itself;
  }

  /**
   * @param offset where in the file the rule goes
   * @param replaced the rule's line that it takes the place of, or null
   * @param rule a text that parses as one rule
   */
  static String align(
      HbaDocument document,
      SourceFile file,
      int offset,
      @Nullable LogicalLine replaced,
      String rule) {
    HbaDocument alone = HbaDocument.parseText(rule, document.dialect());
    Row row = Row.of(alone.located().get(0));
    if (row == null) {
      return rule;
    }
    return around(document, file, offset, replaced).aligned(row);
  }

  private static ColumnAlignment around(
      HbaDocument document, SourceFile file, int offset, @Nullable LogicalLine replaced) {
    int blockStart = blockStart(file.content(), offset);
    int blockEnd = blockEnd(file.content(), replaced == null ? offset : replaced.end());
    var above = new ArrayList<Row>();
    var below = new ArrayList<Row>();
    Row itself = null;
    int last = -1;
    for (HbaDocument.Located located : document.located()) {
      LogicalLine line = located.source().line();
      boolean here =
          located.source().source() == file
              && line.start() >= blockStart
              && line.start() < blockEnd
              && line.start() > last;
      Row row = here && !HbaSentinel.isSentinel(located.entry()) ? Row.of(located) : null;
      if (row == null) {
        continue;
      }
      last = line.start();
      if (replaced != null && line.start() == replaced.start()) {
        itself = row;
      } else if (line.start() < offset) {
        above.add(0, row);
      } else {
        below.add(row);
      }
    }
    return new ColumnAlignment(nearest(above, below, itself), itself);
  }

  private static List<Row> nearest(List<Row> above, List<Row> below, @Nullable Row itself) {
    var nearest = new ArrayList<Row>();
    if (!above.isEmpty() && !below.isEmpty()) {
      nearest.add(above.get(0));
      nearest.add(below.get(0));
    } else {
      nearest.addAll((above.isEmpty() ? below : above).stream().limit(2).toList());
    }
    if (nearest.isEmpty() && itself != null) {
      nearest.add(itself);
    }
    return nearest;
  }

  private static int blockStart(String content, int offset) {
    int start = offset;
    while (start > 0) {
      int above = content.lastIndexOf('\n', start - 2) + 1;
      if (content.substring(above, start).isBlank()) {
        return start;
      }
      start = above;
    }
    return start;
  }

  private static int blockEnd(String content, int offset) {
    int end = offset;
    while (end < content.length()) {
      int newline = content.indexOf('\n', end);
      int next = newline < 0 ? content.length() : newline + 1;
      if (content.substring(end, next).isBlank()) {
        return end;
      }
      end = next;
    }
    return end;
  }

  private String aligned(Row row) {
    boolean tabs = !neighbours.isEmpty() && neighbours.stream().allMatch(Row::inTabs);
    boolean spaces = !neighbours.isEmpty() && neighbours.stream().allMatch(Row::inSpaces);
    if ((tabs || spaces) && neighbours.stream().anyMatch(Row::isWide) && agree()) {
      return inColumns(row, tabs);
    }
    boolean single = row.gaps().stream().allMatch(gap -> gap.equals(" "));
    return tabs && single ? separatedByTabs(row) : row.text();
  }

  private boolean agree() {
    for (Role role : Role.values()) {
      if (neighbours.stream()
              .map(row -> row.column(role))
              .filter(OptionalInt::isPresent)
              .distinct()
              .count()
          > 1) {
        return false;
      }
    }
    return true;
  }

  private String inColumns(Row row, boolean tabs) {
    var text = new StringBuilder();
    for (Role role : Role.values()) {
      Field field = row.field(role);
      if (field == null) {
        continue;
      }
      OptionalInt column = column(role);
      if (role == Role.METHOD) {
        mask(row, text);
      }
      pad(text, column, tabs);
      text.append(row.text(), field.start(), field.end());
    }
    return text + row.text().substring(row.fields().get(row.methodField()).end());
  }

  private OptionalInt column(Role role) {
    return Stream.concat(neighbours.stream(), Stream.ofNullable(itself))
        .map(row -> row.column(role))
        .filter(OptionalInt::isPresent)
        .findFirst()
        .orElse(OptionalInt.empty());
  }

  private static void mask(Row row, StringBuilder text) {
    if (row.rule().address() != null && row.methodField() == 5) {
      Field mask = row.fields().get(4);
      text.append(' ').append(row.text(), mask.start(), mask.end());
    }
  }

  /** Blanks up to the column, at least one between two fields. */
  private static void pad(StringBuilder text, OptionalInt column, boolean tabs) {
    boolean first = text.length() == 0;
    String blank = tabs ? "\t" : " ";
    if (!first) {
      text.append(blank);
    }
    while (column.isPresent() && width(text, text.length()) < column.getAsInt()) {
      text.append(first ? " " : blank);
    }
  }

  private static String separatedByTabs(Row row) {
    var text = new StringBuilder(row.text());
    for (int i = row.methodField(); i > 0; i--) {
      text.setCharAt(row.fields().get(i).start() - 1, '\t');
    }
    return text.toString();
  }

  /** Columns that the first bytes of the text take. */
  private static int width(CharSequence text, int length) {
    int width = 0;
    for (int i = 0; i < length; i++) {
      width = text.charAt(i) == '\t' ? (width / TAB_STOP + 1) * TAB_STOP : width + 1;
    }
    return width;
  }
}
