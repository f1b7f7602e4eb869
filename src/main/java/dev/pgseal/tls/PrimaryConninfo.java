package dev.pgseal.tls;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A libpq connection string of {@code keyword=value} form (libpq fe-connect.c:conninfo_parse): what
 * it holds is kept, in order, and single keywords can be set or dropped.
 *
 * <p>It can hold a password: {@link #toString} does not show it.
 */
public final class PrimaryConninfo {

  /** Shown as asterisks by libpq itself (fe-connect.c:PQconninfoOptions, dispchar). */
  private static final List<String> SECRETS =
      List.of(
          "password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret");

  private final Map<String, String> parameters;

  private PrimaryConninfo(Map<String, String> parameters) {
    this.parameters = parameters;
  }

  /**
   * @throws PgsealException {@code ILLEGAL_STATE} for the URI form, and for what libpq would
   *     refuse; never with the text itself, which can hold a password
   */
  public static PrimaryConninfo parse(String text) {
    if (text.startsWith("postgresql://") || text.startsWith("postgres://")) {
      throw malformed("it is a URI")
          .hint("Write primary_conninfo as keyword=value pairs, then try again");
    }
    return new PrimaryConninfo(new Scanner(text).pairs());
  }

  public Optional<String> get(String keyword) {
    return Optional.ofNullable(parameters.get(keyword));
  }

  public PrimaryConninfo with(String keyword, String value) {
    Map<String, String> copy = new LinkedHashMap<>(parameters);
    copy.put(keyword, value);
    return new PrimaryConninfo(copy);
  }

  public PrimaryConninfo without(String keyword) {
    Map<String, String> copy = new LinkedHashMap<>(parameters);
    copy.remove(keyword);
    return new PrimaryConninfo(copy);
  }

  /** The whole string, password included. */
  public String text() {
    StringBuilder text = new StringBuilder();
    parameters.forEach(
        (keyword, value) ->
            text.append(text.isEmpty() ? "" : " ")
                .append(keyword)
                .append('=')
                .append(quote(value)));
    return text.toString();
  }

  @Override
  public String toString() {
    Map<String, String> masked = new LinkedHashMap<>(parameters);
    SECRETS.forEach(keyword -> masked.computeIfPresent(keyword, (k, value) -> "********"));
    return new PrimaryConninfo(masked).text();
  }

  private static String quote(String value) {
    boolean plain =
        !value.isEmpty() && value.chars().noneMatch(c -> c <= ' ' || "'\\=".indexOf(c) >= 0);
    return plain ? value : "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private static PgsealException malformed(String why) {
    return new PgsealException(
        ProblemType.ILLEGAL_STATE, "primary_conninfo cannot be changed: " + why);
  }

  /** The loop of conninfo_parse: blanks around {@code =}, quotes, backslash escapes. */
  private static final class Scanner {
    private final String text;
    private int at;

    Scanner(String text) {
      this.text = text;
    }

    Map<String, String> pairs() {
      Map<String, String> pairs = new LinkedHashMap<>();
      skipBlanks();
      while (at < text.length()) {
        String keyword = keyword();
        skipBlanks();
        if (at >= text.length() || text.charAt(at) != '=') {
          // not the word itself: it may be the second half of a password that was not quoted
          throw malformed("the word before position " + (at + 1) + " has no = behind it");
        }
        at++;
        skipBlanks();
        pairs.put(keyword, value());
        skipBlanks();
      }
      return pairs;
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
          throw malformed("a quoted value has no end");
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

    private static boolean blank(char c) {
      return c == ' ' || (c >= '\t' && c <= '\r');
    }
  }
}
