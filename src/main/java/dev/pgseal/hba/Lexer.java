package dev.pgseal.hba;

import org.jspecify.annotations.Nullable;

/** Cuts one logical line into tokens (hba.c, next_token). */
final class Lexer {

  private final HbaDialect dialect;
  private final String line;
  private final StringBuilder token = new StringBuilder();
  private int position;
  private int tokenStart;
  private boolean initialQuote;
  private boolean endedByComma;
  private boolean tooLong;

  /** Whether the token is the line's own text from its start on, as it is until a quote comes. */
  private boolean verbatim;

  private int commentStart = -1;

  Lexer(String line, HbaDialect dialect) {
    this.line = line;
    this.dialect = dialect;
  }

  /**
   * The next token, or null at the end of the line. {@link #endedByComma()}, {@link #tokenStart()}
   * and {@link #position()} then speak of that token.
   */
  @Nullable HbaToken next() {
    verbatim = true;
    initialQuote = false;
    endedByComma = false;
    skipBlanksAndCommas();
    tokenStart = position;
    int end = scan();
    if (tooLong || (verbatim && end == tokenStart)) {
      return null;
    }
    if (verbatim) {
      return HbaToken.of(line.substring(tokenStart, end), false);
    }
    return HbaToken.of(token.toString(), initialQuote);
  }

  private void skipBlanksAndCommas() {
    while (position < line.length()) {
      char c = line.charAt(position);
      if (c != ',' && !dialect.isBlank(c)) {
        return;
      }
      position++;
    }
  }

  /** Reads the token's characters, and answers where they end. */
  private int scan() {
    boolean inQuote = false;
    boolean wasQuote = false;
    for (; position < line.length(); position++) {
      char c = line.charAt(position);
      if (!inQuote) {
        if (dialect.isBlank(c)) {
          break;
        }
        if (c == '#') {
          commentStart = position;
          position = line.length();
          return commentStart;
        }
      }
      // the limit is tested before the comma and for quotes too: a token of exactly the limit must
      // be followed by a blank
      if (length() >= dialect.maxToken()) {
        tooLong = true;
        break;
      }
      if (c == ',' && !inQuote) {
        endedByComma = true;
        break;
      }
      if (c == '"' && verbatim) {
        verbatim = false;
        token.setLength(0);
        token.append(line, tokenStart, position);
      }
      if (!verbatim && (c != '"' || wasQuote)) {
        token.append(c);
      }
      wasQuote = inQuote && c == '"' && !wasQuote;
      if (c == '"') {
        inQuote = !inQuote;
        initialQuote |= token.isEmpty();
      }
    }
    return position;
  }

  private int length() {
    return verbatim ? position - tokenStart : token.length();
  }

  boolean atEnd() {
    return position >= line.length();
  }

  boolean endedByComma() {
    return endedByComma;
  }

  boolean tooLong() {
    return tooLong;
  }

  int tokenStart() {
    return tokenStart;
  }

  /** Offset behind the last token. */
  int position() {
    return position;
  }

  /** Offset of the {@code #} that begins the comment, or -1. */
  int commentStart() {
    return commentStart;
  }
}
