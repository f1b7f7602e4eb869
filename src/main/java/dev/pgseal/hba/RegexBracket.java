package dev.pgseal.hba;

import java.util.Map;
import java.util.Set;

/** A bracket expression such as {@code [^a-z_]} (regcomp.c, brackpart). */
final class RegexBracket {

  /** Names of characters (regc_locale.c, cnames); known so that others are refused. */
  private static final Set<String> CHARACTER_NAMES =
      Set.of(
          """
          NUL SOH STX ETX EOT ENQ ACK BEL alert BS backspace HT tab LF newline VT vertical-tab FF
          form-feed CR carriage-return SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC IS4 FS IS3
          GS IS2 RS IS1 US space exclamation-mark quotation-mark number-sign dollar-sign percent-sign
          ampersand apostrophe left-parenthesis right-parenthesis asterisk plus-sign comma hyphen
          hyphen-minus period full-stop slash solidus zero one two three four five six seven eight
          nine colon semicolon less-than-sign equals-sign greater-than-sign question-mark
          commercial-at left-square-bracket backslash reverse-solidus right-square-bracket circumflex
          circumflex-accent underscore low-line grave-accent left-brace left-curly-bracket
          vertical-line right-brace right-curly-bracket tilde DEL
          """
              .strip()
              .split("\\s+"));

  private final RegexLexer lexer;
  private final StringBuilder java;
  private final Map<String, String> classes;
  private boolean safe = true;

  RegexBracket(RegexLexer lexer, StringBuilder java, Map<String, String> classes) {
    this.lexer = lexer;
    this.java = java;
    this.classes = classes;
  }

  /** Reads up to and without the closing bracket; false when it is valid but not translated. */
  boolean translate() throws RegexFault {
    java.append(lexer.value() == 1 ? "[" : "[^");
    lexer.next();
    while (!lexer.see(RegexToken.BRACKET_CLOSE)) {
      part();
    }
    java.append(']');
    return safe;
  }

  private void part() throws RegexFault {
    switch (lexer.kind()) {
      case BRACKET_RANGE -> throw new RegexFault(RegexFault.RANGE);
      case CLASS -> {
        classEscape((char) lexer.value());
        lexer.next();
      }
      case NAME_OPEN -> {
        if (lexer.value() == ':') {
          characterClass();
        } else if (lexer.value() == '=') {
          one(element());
        } else {
          range(element());
        }
      }
      default -> {
        int c = lexer.value();
        lexer.next();
        range(c);
      }
    }
  }

  /** Complements inside a bracket are left: a union with one means another thing to the JDK. */
  private void classEscape(char letter) {
    safe &= Character.isLowerCase(letter);
    java.append(
        classes.get(
            switch (Character.toLowerCase(letter)) {
              case 'd' -> "digit";
              case 's' -> "space";
              default -> "word";
            }));
  }

  private void range(int from) throws RegexFault {
    if (!lexer.see(RegexToken.BRACKET_RANGE)) {
      one(from);
      return;
    }
    lexer.next();
    int to;
    if (lexer.see(RegexToken.PLAIN) || lexer.see(RegexToken.BRACKET_RANGE)) {
      to = lexer.value();
      lexer.next();
    } else if (lexer.see(RegexToken.NAME_OPEN) && lexer.value() == '.') {
      to = element();
    } else {
      throw new RegexFault(RegexFault.RANGE);
    }
    if (from > to) {
      throw new RegexFault(RegexFault.RANGE);
    }
    safe &= from <= 0xff;
    // the subject is bytes, so what lies above a byte never matches anyway
    java.append(RegexTranslator.escaped(from))
        .append('-')
        .append(RegexTranslator.escaped(Math.min(to, 0xff)));
  }

  private void one(int c) {
    safe &= c <= 0xff;
    java.append(RegexTranslator.escaped(c));
  }

  /** A collating element; named ones are valid but not translated. */
  private int element() throws RegexFault {
    String name = name();
    if (name.length() != 1 && !CHARACTER_NAMES.contains(name)) {
      throw new RegexFault(RegexFault.COLLATING);
    }
    safe &= name.length() == 1;
    return name.charAt(0);
  }

  private void characterClass() throws RegexFault {
    String members = classes.get(name());
    if (members == null) {
      throw new RegexFault(RegexFault.CLASS);
    }
    java.append(members);
  }

  private String name() throws RegexFault {
    var name = new StringBuilder();
    lexer.next();
    while (!lexer.see(RegexToken.NAME_CLOSE)) {
      name.append((char) lexer.value());
      lexer.next();
    }
    lexer.next();
    return name.toString();
  }
}
