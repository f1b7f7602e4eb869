package dev.pgseal.hba;

/** What a token of a regular expression is; see {@link RegexLexer}. */
enum RegexToken {
  END,
  PLAIN,
  ANY,
  START,
  STOP,
  OR,
  OPEN,
  OPEN_LOOKAROUND,
  CLOSE,
  /** {@code * + ?}; the value is the character. */
  REPEAT,
  BOUND_OPEN,
  BOUND_CLOSE,
  DIGIT,
  COMMA,
  BRACKET_OPEN,
  BRACKET_CLOSE,
  BRACKET_RANGE,
  /** {@code [.}, {@code [=} or {@code [:}; the value is the character. */
  NAME_OPEN,
  NAME_CLOSE,
  /** {@code \d \s \w}; the value is the letter, upper case when complemented. */
  CLASS,
  BACKREFERENCE,
  /** A constraint that is not translated: word boundaries. */
  BOUNDARY
}
