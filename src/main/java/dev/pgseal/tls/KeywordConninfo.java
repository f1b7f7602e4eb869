package dev.pgseal.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The form {@code keyword=value …} (libpq fe-connect.c:conninfo_parse). */
final class KeywordConninfo implements ConninfoText {

  private final String text;
  private final List<Pair> pairs;

  private KeywordConninfo(String text, List<Pair> pairs) {
    this.text = text;
    this.pairs = pairs;
  }

  /**
   * @param start where the keyword begins
   * @param valueStart where its value begins, quote included
   * @param end behind the value, quote included
   */
  private record Pair(String keyword, String value, int start, int valueStart, int end) {}

  static KeywordConninfo parse(String text) {
    return new KeywordConninfo(text, new Scanner(text).pairs());
  }

  private Optional<Pair> last(String keyword) {
    return pairs.stream()
        .filter(pair -> pair.keyword().equals(keyword))
        .reduce((one, other) -> other);
  }

  @Override
  public Optional<String> get(String keyword) {
    return last(keyword).map(Pair::value);
  }

  @Override
  public KeywordConninfo with(String keyword, String value) {
    Optional<Pair> present = last(keyword);
    if (present.isEmpty()) {
      boolean separated = text.isEmpty() || blank(text.charAt(text.length() - 1));
      return parse(text + (separated ? "" : " ") + keyword + "=" + quote(value, false));
    }
    Pair pair = present.get();
    // behind a quoted value the next keyword may follow at once
    boolean glued = pair.end() < text.length() && !blank(text.charAt(pair.end()));
    return parse(
        text.substring(0, pair.valueStart()) + quote(value, glued) + text.substring(pair.end()));
  }

  @Override
  public KeywordConninfo without(String keyword) {
    Optional<Pair> present = last(keyword);
    if (present.isEmpty()) {
      return this;
    }
    int start = present.get().start();
    int end = present.get().end();
    while (end < text.length() && blank(text.charAt(end))) {
      end++;
    }
    while (end == text.length() && start > 0 && blank(text.charAt(start - 1))) {
      start--;
    }
    return parse(text.substring(0, start) + text.substring(end)).without(keyword);
  }

  @Override
  public String text() {
    return text;
  }

  private static String quote(String value, boolean always) {
    boolean plain =
        !always
            && !value.isEmpty()
            && value.chars().noneMatch(c -> c <= ' ' || "'\\=".indexOf(c) >= 0);
    return plain ? value : "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private static boolean blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  /** The loop of conninfo_parse: blanks around {@code =}, quotes, backslash escapes. */
  private static final class Scanner {
    private final String text;
    private int at;

    Scanner(String text) {
      this.text = text;
    }

    List<Pair> pairs() {
      List<Pair> pairs = new ArrayList<>();
      skipBlanks();
      while (at < text.length()) {
        int start = at;
        String keyword = keyword();
        skipBlanks();
        if (at >= text.length() || text.charAt(at) != '=') {
          // not the word itself: it may be the second half of a password that was not quoted
          throw PrimaryConninfo.malformed(
              "the word before position " + (at + 1) + " has no = behind it");
        }
        at++;
        skipBlanks();
        int valueStart = at;
        String value = value();
        pairs.add(new Pair(keyword, value, start, valueStart, at));
        skipBlanks();
      }
      return List.copyOf(pairs);
    }

    private String keyword() {
      int start = at;
      while (at < text.length() && text.charAt(at) != '=' && !blank(text.charAt(at))) {
        at++;
      }
      return text.substring(start, at);
    }

    private String value() {
      boolean quoted = at < text.length() && text.charAt(at) == '\'';
      if (quoted) {
        at++;
      }
      StringBuilder value = new StringBuilder();
      while (at < text.length()) {
        char c = text.charAt(at);
        if (quoted ? c == '\'' : blank(c)) {
          break;
        }
        at++;
        if (c == '\\') {
          if (at < text.length()) {
            value.append(text.charAt(at++));
          }
        } else {
          value.append(c);
        }
      }
      if (quoted) {
        if (at >= text.length()) {
          throw PrimaryConninfo.malformed("a quoted value has no end");
        }
        at++;
      }
      return value.toString();
    }

    private void skipBlanks() {
      while (at < text.length() && blank(text.charAt(at))) {
        at++;
      }
    }
  }
}
