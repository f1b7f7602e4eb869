package dev.pgseal.api;

import java.util.List;
import java.util.stream.Collectors;

/**
 * CSV as RFC 4180 has it: CRLF, cells with commas, quotes or line breaks in quotes. A cell that a
 * spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV Injection).
 */
final class Csv {

  static final String MEDIA_TYPE = "text/csv";

  private static final String FORMULA = "=+-@\t\r";

  private Csv() {}

  static String line(List<String> cells) {
    return cells.stream().map(Csv::cell).collect(Collectors.joining(",", "", "\r\n"));
  }

  private static String cell(String text) {
    String safe = text.isEmpty() || FORMULA.indexOf(text.charAt(0)) < 0 ? text : "'" + text;
    boolean quoted = safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
    return quoted ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
  }
}
