package dev.pgseal.demo;

import java.io.PrintStream;
import java.util.List;

/** Where the demonstration talks to its spectator; in colour on a terminal only. */
final class Screen {

  private static final String BOLD = "1";
  private static final String GREEN = "32";
  private static final String RED = "31";
  private static final String FAINT = "2";

  private final PrintStream out;
  private final boolean colour;

  Screen(PrintStream out) {
    this.out = out;
    this.colour = System.console() != null && System.getenv("NO_COLOR") == null;
  }

  void heading(String text) {
    out.println();
    out.println(painted(BOLD, text));
  }

  void line(String text) {
    out.println("  " + text);
  }

  void detail(String text) {
    text.lines().forEach(line -> out.println("      " + painted(FAINT, line)));
  }

  void good(String text) {
    out.println("  " + painted(GREEN, "ok") + "  " + text);
  }

  void bad(String text) {
    out.println("  " + painted(RED, "FAILED") + "  " + text);
  }

  /** Columns as wide as their widest cell; the first row is the heading. */
  void table(List<List<String>> rows) {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    out.println();
    for (int r = 0; r < rows.size(); r++) {
      StringBuilder line = new StringBuilder("  ");
      for (int i = 0; i < columns; i++) {
        line.append(("%-" + widths[i] + "s   ").formatted(rows.get(r).get(i)));
      }
      out.println(
          r == 0
              ? painted(BOLD, line.toString().stripTrailing())
              : line.toString().stripTrailing());
    }
  }

  private String painted(String code, String text) {
    return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
