package dev.pgseal.hba;

import dev.pgseal.hba.HbaDocument.Located;
import java.util.regex.Pattern;

/** What the text hides from the eye. */
final class TextLint {

  private static final Pattern OCTAL = Pattern.compile("(^|\\.)0[0-7]+(?=[./]|$)");

  private final HbaDocument document;
  private final Findings findings;

  TextLint(HbaDocument document, Findings findings) {
    this.document = document;
    this.findings = findings;
  }

  void run() {
    for (String path : document.files()) {
      SourceFile file = document.file(path);
      for (LogicalLine line : file.lines()) {
        if (line.seams().length > 0) {
          continuedComment(file, line);
        }
      }
    }
    for (Located located : document.located()) {
      if (located.entry() instanceof HbaRule rule
          && rule.address() instanceof HbaAddress.Network network) {
        octal(rule, network, located.source().fields().get(3).first().text());
      }
    }
  }

  private void continuedComment(SourceFile file, LogicalLine line) {
    var lexer = new Lexer(line.text(), document.dialect());
    while (!lexer.atEnd()) {
      lexer.next();
    }
    int comment = lexer.commentStart();
    int[] seams = line.seams();
    for (int i = 2; comment >= 0 && i < seams.length; i += 2) {
      if (seams[i] > comment && !line.text().substring(seams[i]).isBlank()) {
        findings.add(
            new LintFinding(
                LintCode.COMMENT_CONTINUES,
                LintSeverity.WARNING,
                file.path(),
                line.number(),
                null,
                "The comment ends in a backslash, so that the next line is part of it: "
                    + HbaText.toShown(line.text().substring(seams[i]).strip()),
                "Remove the backslash, or begin the next line with #."));
        return;
      }
    }
  }

  private void octal(HbaRule rule, HbaAddress.Network network, String written) {
    if (written.indexOf(':') < 0 && OCTAL.matcher(written).find()) {
      findings.add(
          new LintFinding(
              LintCode.OCTAL_ADDRESS,
              LintSeverity.WARNING,
              rule.file(),
              rule.line(),
              rule.id(),
              written + " is octal and means " + network.ip().getHostAddress(),
              "Write decimal numbers without leading zeros."));
    }
  }
}
