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
    token.setLength(0);
    initialQuote = false;
    endedByComma = false;
    skipBlanksAndCommas();
    tokenStart = position;
    boolean sawQuote = scan();
    if (tooLong || (!sawQuote && token.isEmpty())) {
      return null;
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

  /** Reads the token's characters; true if there was a quote, so that even an empty one counts. */
  private boolean scan() {
    boolean inQuote = false;
    boolean wasQuote = false;
    boolean sawQuote = false;
    for (; position < line.length(); position++) {
      char c = line.charAt(position);
      if (!inQuote) {
        if (dialect.isBlank(c)) {
          break;
        }
        if (c == '#') {
          commentStart = position;
          position = line.length();
          break;
        }
      }
      // the limit is tested before the comma and for quotes too: a token of exactly the limit must
      // be followed by a blank
      if (token.length() >= dialect.maxToken()) {
        tooLong = true;
        break;
      }
      if (c == ',' && !inQuote) {
        endedByComma = true;
        break;
      }
      if (c != '"' || wasQuote) {
        token.append(c);
      }
      wasQuote = inQuote && c == '"' && !wasQuote;
      if (c == '"') {
        inQuote = !inQuote;
        sawQuote = true;
        initialQuote |= token.isEmpty();
      }
    }
    return sawQuote;
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
