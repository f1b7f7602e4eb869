package dev.pgseal.api;

import dev.pgseal.problem.ProblemType;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The types of problem as Markdown, and as HTML without style or script. */
final class ProblemPages {

  private static final String INTRODUCTION =
      """
      Errors are `application/problem+json` (RFC 9457). `type` is stable: decide on it, not on \
      `title` or `detail`. Within a job the same types stand at the steps that failed.""";

  private ProblemPages() {}

  /** One type, a second-level heading and two paragraphs. */
  static String markdown(ProblemType type) {
    return """
        ## %s

        **%d: %s.** %s

        %s
        """
        .formatted(type.slug(), type.status(), type.title(), type.meaning(), type.cure());
  }

  /** All types: the content of docs/problems.md. */
  static String markdown() {
    return "# Problems\n\n"
        + INTRODUCTION
        + "\n\n"
        + Arrays.stream(ProblemType.values())
            .map(ProblemPages::markdown)
            .collect(Collectors.joining("\n"));
  }

  static String html(ProblemType type) {
    return page(type.title(), section(type) + "<p><a href=\"/problems\">All problems</a></p>\n");
  }

  static String html() {
    return page(
        "Problems",
        "<p>"
            + inline(INTRODUCTION)
            + "</p>\n"
            + Arrays.stream(ProblemType.values())
                .map(ProblemPages::section)
                .collect(Collectors.joining()));
  }

  private static String section(ProblemType type) {
    return """
        <h2><a href="%s">%s</a></h2>
        <p><strong>%d: %s.</strong> %s</p>
        <p>%s</p>
        """
        .formatted(
            type.uri(),
            type.slug(),
            type.status(),
            inline(type.title()),
            inline(type.meaning()),
            inline(type.cure()));
  }

  private static String page(String title, String body) {
    return """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>%s – pgseal</title></head>
        <body>
        <h1>%s</h1>
        %s</body>
        </html>
        """
        .formatted(inline(title), inline(title), body);
  }

  /** Escapes; code in backquotes is the only markup of these texts. */
  private static String inline(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replaceAll("`([^`]*)`", "<code>$1</code>");
  }
}
