package dev.pgseal.hba;

import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks a regular expression by PostgreSQL's grammar (regcomp.c) and writes it for {@link
 * java.util.regex} where both mean the same.
 */
final class RegexTranslator {

  private static final int LONGEST = 10_000;
  private static final int DEEPEST = 100;

  /** regex.h, DUPMAX. */
  private static final int MOST_REPEATS = 255;

  private static final String DIRECTOR = "***";
  private static final String OPTIONS = "bceimnpqstwx";

  /** Those that choose another syntax. */
  private static final String SYNTAX_OPTIONS = "beqx";

  /** Character classes of the C locale: ASCII only (regc_locale.c, regc_pg_locale.c). */
  private static final Map<String, String> CLASSES =
      Map.ofEntries(
          Map.entry("alnum", "A-Za-z0-9"),
          Map.entry("alpha", "A-Za-z"),
          Map.entry("ascii", "\\x00-\\x7f"),
          Map.entry("blank", " \\t"),
          Map.entry("cntrl", "\\x00-\\x1f\\x7f"),
          Map.entry("digit", "0-9"),
          Map.entry("graph", "\\x21-\\x7e"),
          Map.entry("lower", "a-z"),
          Map.entry("print", "\\x20-\\x7e"),
          Map.entry("punct", "\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e"),
          Map.entry("space", "\\x09-\\x0d\\x20"),
          Map.entry("upper", "A-Z"),
          Map.entry("xdigit", "0-9A-Fa-f"),
          Map.entry("word", "A-Za-z0-9_"));

  private final String source;
  private final StringBuilder java = new StringBuilder();
  private final Set<Integer> closedGroups = new HashSet<>();
  private int groups;
  private int depth;
  private boolean safe = true;
  private @Nullable RegexLexer lexer;

  RegexTranslator(String source) {
    this.source = source;
  }

  /** The pattern for java.util.regex, or null when it is valid but not translated. */
  @Nullable String translate() throws RegexFault {
    if (source.length() > LONGEST) {
      return null;
    }
    if (source.startsWith(DIRECTOR + "=")) {
      source.substring(4).chars().forEach(this::literal);
      return java.toString();
    }
    int start = options(director());
    if (start < 0) {
      return null;
    }
    lexer = new RegexLexer(source, start);
    alternatives(RegexToken.END, false);
    return safe ? java.toString() : null;
  }

  private int director() throws RegexFault {
    if (!source.startsWith(DIRECTOR)) {
      return 0;
    }
    if (!source.startsWith(DIRECTOR + ":")) {
      boolean reserved = source.startsWith(DIRECTOR + "?");
      throw new RegexFault(reserved ? RegexFault.PATTERN : RegexFault.OPERAND);
    }
    return 4;
  }

  /** Where the expression begins, or -1 when options choose another syntax. */
  private int options(int start) throws RegexFault {
    boolean present =
        source.startsWith("(?", start)
            && start + 2 < source.length()
            && Character.toString(source.charAt(start + 2)).matches("[A-Za-z]");
    if (!present) {
      return start;
    }
    safe = false;
    boolean ownSyntax = true;
    int at = start + 2;
    while (at < source.length() && Character.toString(source.charAt(at)).matches("[A-Za-z]")) {
      if (OPTIONS.indexOf(source.charAt(at)) < 0) {
        throw new RegexFault(RegexFault.OPTION);
      }
      ownSyntax &= SYNTAX_OPTIONS.indexOf(source.charAt(at)) < 0;
      at++;
    }
    if (at >= source.length() || source.charAt(at) != ')') {
      throw new RegexFault(RegexFault.OPTION);
    }
    return ownSyntax ? at + 1 : -1;
  }

  private RegexLexer lexer() {
    return Objects.requireNonNull(lexer);
  }

  private void alternatives(RegexToken stopper, boolean lookaround) throws RegexFault {
    while (true) {
      while (!lexer().see(RegexToken.OR) && !lexer().see(stopper) && !lexer().see(RegexToken.END)) {
        quantifiedAtom(lookaround);
        if (depth > DEEPEST) {
          return;
        }
      }
      if (!lexer().see(RegexToken.OR)) {
        break;
      }
      java.append('|');
      lexer().next();
    }
    if (!lexer().see(stopper)) {
      throw new RegexFault(RegexFault.PARENTHESES);
    }
  }

  private void quantifiedAtom(boolean lookaround) throws RegexFault {
    switch (lexer().kind()) {
      case START -> constraint("\\A");
      case STOP -> constraint("\\z");
      case BOUNDARY -> constraint(null);
      case OPEN_LOOKAROUND -> lookaround();
      case CLOSE -> throw new RegexFault(RegexFault.PARENTHESES);
      case REPEAT, BOUND_OPEN -> throw new RegexFault(RegexFault.OPERAND);
      default -> {
        atom(lookaround);
        if (depth <= DEEPEST) {
          quantifier();
        }
      }
    }
  }

  private void constraint(@Nullable String translated) throws RegexFault {
    if (translated == null) {
      safe = false;
    } else {
      java.append(translated);
    }
    lexer().next();
  }

  private void lookaround() throws RegexFault {
    safe = false;
    lexer().next();
    nested(true);
  }

  /** What stands between parentheses; too deep a nest is neither refused nor translated. */
  private void nested(boolean lookaround) throws RegexFault {
    if (++depth > DEEPEST) {
      safe = false;
      return;
    }
    alternatives(RegexToken.CLOSE, lookaround);
    if (depth <= DEEPEST) {
      depth--;
      lexer().next();
    }
  }

  private void atom(boolean lookaround) throws RegexFault {
    switch (lexer().kind()) {
      case OPEN -> group(lookaround);
      case BRACKET_OPEN -> {
        safe &= new RegexBracket(lexer(), java, CLASSES).translate();
        lexer().next();
      }
      case ANY -> {
        java.append('.');
        lexer().next();
      }
      case CLASS -> {
        java.append(classEscape((char) lexer().value()));
        lexer().next();
      }
      case BACKREFERENCE -> backReference(lookaround);
      default -> {
        safe &= lexer().value() <= 0xff;
        literal(lexer().value());
        lexer().next();
      }
    }
  }

  private void group(boolean lookaround) throws RegexFault {
    boolean captures = lexer().value() == 1 && !lookaround;
    int number = captures ? ++groups : 0;
    java.append("(?:");
    lexer().next();
    nested(lookaround);
    java.append(')');
    closedGroups.add(number);
  }

  private void backReference(boolean lookaround) throws RegexFault {
    if (lookaround || lexer().value() == 0 || !closedGroups.contains(lexer().value())) {
      throw new RegexFault(RegexFault.BACKREFERENCE);
    }
    safe = false;
    lexer().next();
  }

  private void quantifier() throws RegexFault {
    if (lexer().see(RegexToken.REPEAT)) {
      java.append((char) lexer().value());
      lexer().next();
    } else if (lexer().see(RegexToken.BOUND_OPEN)) {
      lexer().next();
      bound();
    }
  }

  private void bound() throws RegexFault {
    int least = count();
    int most = least;
    if (lexer().see(RegexToken.COMMA)) {
      lexer().next();
      most = lexer().see(RegexToken.DIGIT) ? count() : -1;
      if (most >= 0 && least > most) {
        throw new RegexFault(RegexFault.COUNT);
      }
    }
    if (!lexer().see(RegexToken.BOUND_CLOSE)) {
      throw new RegexFault(RegexFault.COUNT);
    }
    java.append('{').append(least).append(',').append(most < 0 ? "" : most).append('}');
    lexer().next();
  }

  private int count() throws RegexFault {
    int number = 0;
    while (lexer().see(RegexToken.DIGIT) && number < MOST_REPEATS) {
      number = number * 10 + lexer().value();
      lexer().next();
    }
    if (lexer().see(RegexToken.DIGIT) || number > MOST_REPEATS) {
      throw new RegexFault(RegexFault.COUNT);
    }
    return number;
  }

  static String classEscape(char letter) {
    return switch (letter) {
      case 'd' -> "[0-9]";
      case 'D' -> "[^0-9]";
      case 's' -> "[\\x09-\\x0d\\x20]";
      case 'S' -> "[^\\x09-\\x0d\\x20]";
      case 'w' -> "[A-Za-z0-9_]";
      default -> "[^A-Za-z0-9_]";
    };
  }

  private void literal(int c) {
    java.append(escaped(c));
  }

  static String escaped(int c) {
    return String.format("\\x%02x", c & 0xff);
  }
}
