package dev.pgseal.hba;

/** A regular expression that PostgreSQL refuses; the message is that of regerrs.h. */
final class RegexFault extends Exception {

  private static final long serialVersionUID = 1L;

  static final String PATTERN = "invalid regexp (reg version 0.8)";
  static final String PARENTHESES = "parentheses () not balanced";
  static final String BRACKETS = "brackets [] not balanced";
  static final String BRACES = "braces {} not balanced";
  static final String COUNT = "invalid repetition count(s)";
  static final String RANGE = "invalid character range";
  static final String OPERAND = "quantifier operand invalid";
  static final String ESCAPE = "invalid escape \\ sequence";
  static final String CLASS = "invalid character class";
  static final String COLLATING = "invalid collating element";
  static final String BACKREFERENCE = "invalid backreference number";
  static final String OPTION = "invalid embedded option";

  RegexFault(String message) {
    super(message, null, false, false);
  }
}
