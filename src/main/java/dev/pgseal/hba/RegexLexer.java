package dev.pgseal.hba;

/**
 * Tokens of PostgreSQL's advanced regular expressions (regc_lex.c), one looked ahead as there, so
 * that of two faults the same one is found first.
 */
final class RegexLexer {

  private enum Context {
    MAIN,
    BOUND,
    BRACKET,
    NAME
  }

  private final String source;
  private Context context = Context.MAIN;
  private int position;
  private char nameEnd;
  private RegexToken last = RegexToken.END;
  private RegexToken kind = RegexToken.END;
  private int value;

  /** Groups opened so far; tells a back reference from an octal escape. */
  private int groups;

  RegexLexer(String source, int position) throws RegexFault {
    this.source = source;
    this.position = position;
    next();
  }

  RegexToken kind() {
    return kind;
  }

  int value() {
    return value;
  }

  boolean see(RegexToken wanted) {
    return kind == wanted;
  }

  void next() throws RegexFault {
    last = kind;
    if (position >= source.length()) {
      end();
      return;
    }
    char c = source.charAt(position++);
    switch (context) {
      case MAIN -> main(c);
      case BOUND -> bound(c);
      case BRACKET -> bracket(c);
      case NAME -> name(c);
    }
  }

  private void end() throws RegexFault {
    switch (context) {
      case MAIN -> set(RegexToken.END, 0);
      case BOUND -> throw new RegexFault(RegexFault.BRACES);
      default -> throw new RegexFault(RegexFault.BRACKETS);
    }
  }

  private void set(RegexToken newKind, int newValue) {
    kind = newKind;
    value = newValue;
  }

  private boolean ahead(char c) {
    return position < source.length() && source.charAt(position) == c;
  }

  private boolean take(char c) {
    if (!ahead(c)) {
      return false;
    }
    position++;
    return true;
  }

  private void main(char c) throws RegexFault {
    switch (c) {
      case '|' -> set(RegexToken.OR, c);
      case '*', '+', '?' -> {
        take('?');
        set(RegexToken.REPEAT, c);
      }
      case '{' -> openBound(c);
      case '(' -> open();
      case ')' -> set(RegexToken.CLOSE, c);
      case '[' -> openBracket();
      case '.' -> set(RegexToken.ANY, c);
      case '^' -> set(RegexToken.START, c);
      case '$' -> set(RegexToken.STOP, c);
      case '\\' -> escape();
      default -> set(RegexToken.PLAIN, c);
    }
  }

  private void openBound(char c) {
    if (position < source.length() && isDigit(source.charAt(position))) {
      context = Context.BOUND;
      set(RegexToken.BOUND_OPEN, c);
    } else {
      set(RegexToken.PLAIN, c);
    }
  }

  private void open() throws RegexFault {
    if (!take('?')) {
      groups++;
      set(RegexToken.OPEN, 1);
      return;
    }
    if (take(':')) {
      set(RegexToken.OPEN, 0);
    } else if (take('#')) {
      int close = source.indexOf(')', position);
      position = close < 0 ? source.length() : close + 1;
      RegexToken before = last;
      next();
      last = before;
    } else if (take('=') || take('!') || (take('<') && (take('=') || take('!')))) {
      set(RegexToken.OPEN_LOOKAROUND, 0);
    } else {
      throw new RegexFault(RegexFault.OPERAND);
    }
  }

  private void openBracket() {
    if (source.startsWith("[:<:]]", position) || source.startsWith("[:>:]]", position)) {
      position += 6;
      set(RegexToken.BOUNDARY, 0);
      return;
    }
    context = Context.BRACKET;
    set(RegexToken.BRACKET_OPEN, take('^') ? 0 : 1);
  }

  private void bound(char c) throws RegexFault {
    if (isDigit(c)) {
      set(RegexToken.DIGIT, c - '0');
    } else if (c == ',') {
      set(RegexToken.COMMA, c);
    } else if (c == '}') {
      context = Context.MAIN;
      take('?');
      set(RegexToken.BOUND_CLOSE, c);
    } else {
      throw new RegexFault(RegexFault.COUNT);
    }
  }

  private void bracket(char c) throws RegexFault {
    switch (c) {
      case '\\' -> {
        escape();
        if (kind != RegexToken.PLAIN && kind != RegexToken.CLASS) {
          throw new RegexFault(RegexFault.ESCAPE);
        }
      }
      case '-' ->
          set(
              last == RegexToken.BRACKET_OPEN || ahead(']')
                  ? RegexToken.PLAIN
                  : RegexToken.BRACKET_RANGE,
              c);
      case '[' -> openName(c);
      case ']' -> {
        if (last == RegexToken.BRACKET_OPEN) {
          set(RegexToken.PLAIN, c);
        } else {
          context = Context.MAIN;
          set(RegexToken.BRACKET_CLOSE, c);
        }
      }
      default -> set(RegexToken.PLAIN, c);
    }
  }

  private void openName(char c) throws RegexFault {
    if (position >= source.length()) {
      throw new RegexFault(RegexFault.BRACKETS);
    }
    if (ahead('.') || ahead('=') || ahead(':')) {
      nameEnd = source.charAt(position++);
      context = Context.NAME;
      set(RegexToken.NAME_OPEN, nameEnd);
    } else {
      set(RegexToken.PLAIN, c);
    }
  }

  private void name(char c) {
    if (c == nameEnd && ahead(']')) {
      position++;
      context = Context.BRACKET;
      set(RegexToken.NAME_CLOSE, c);
    } else {
      set(RegexToken.PLAIN, c);
    }
  }

  private void escape() throws RegexFault {
    if (position >= source.length()) {
      throw new RegexFault(RegexFault.ESCAPE);
    }
    char c = source.charAt(position++);
    switch (c) {
      case 'a' -> set(RegexToken.PLAIN, 7);
      case 'b' -> set(RegexToken.PLAIN, '\b');
      case 'B' -> set(RegexToken.PLAIN, '\\');
      case 'e' -> set(RegexToken.PLAIN, 27);
      case 'f' -> set(RegexToken.PLAIN, '\f');
      case 'n' -> set(RegexToken.PLAIN, '\n');
      case 'r' -> set(RegexToken.PLAIN, '\r');
      case 't' -> set(RegexToken.PLAIN, '\t');
      case 'v' -> set(RegexToken.PLAIN, 11);
      case 'c' -> control();
      case 'd', 's', 'w', 'D', 'S', 'W' -> set(RegexToken.CLASS, c);
      case 'A' -> set(RegexToken.START, c);
      case 'Z' -> set(RegexToken.STOP, c);
      case 'm', 'M', 'y', 'Y' -> set(RegexToken.BOUNDARY, c);
      case 'u' -> set(RegexToken.PLAIN, digits(16, 4, 4));
      case 'U' -> set(RegexToken.PLAIN, digits(16, 8, 8));
      case 'x' -> set(RegexToken.PLAIN, digits(16, 1, 255));
      case '1', '2', '3', '4', '5', '6', '7', '8', '9' -> backReference();
      case '0' -> octal();
      default -> {
        if (isAsciiLetter(c)) {
          throw new RegexFault(RegexFault.ESCAPE);
        }
        set(RegexToken.PLAIN, c);
      }
    }
  }

  private void control() throws RegexFault {
    if (position >= source.length()) {
      throw new RegexFault(RegexFault.ESCAPE);
    }
    set(RegexToken.PLAIN, source.charAt(position++) & 0x1f);
  }

  private void backReference() throws RegexFault {
    int behindFirst = position--;
    int number = digits(10, 1, 255);
    if (position == behindFirst || (number > 0 && number <= groups)) {
      set(RegexToken.BACKREFERENCE, number);
    } else {
      position = behindFirst;
      octal();
    }
  }

  private void octal() throws RegexFault {
    position--;
    int number = digits(8, 1, 3);
    if (number > 0xff) {
      position--;
      number >>= 3;
    }
    set(RegexToken.PLAIN, number);
  }

  private int digits(int base, int least, int most) throws RegexFault {
    long number = 0;
    int count = 0;
    while (count < most && position < source.length()) {
      char c = source.charAt(position);
      int digit = c < 0x80 ? Character.digit(c, base) : -1;
      if (digit < 0) {
        break;
      }
      number = Math.min(number * base + digit, 0x7fffffffL);
      count++;
      position++;
    }
    // CHR_MAX of regcustom.h
    if (count < least || number > 0x7ffffffeL) {
      throw new RegexFault(RegexFault.ESCAPE);
    }
    return (int) number;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isAsciiLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
