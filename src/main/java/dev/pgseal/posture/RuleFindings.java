package dev.pgseal.posture;

import dev.pgseal.hba.LintFinding;
import dev.pgseal.hba.LintSeverity;
import java.util.List;
import java.util.Optional;

/** What a careful administrator would ask about pg_hba.conf. */
final class RuleFindings {

  private RuleFindings() {}

  static List<PostureFinding> of(List<LintFinding> lint) {
    return lint.stream()
        .flatMap(finding -> code(finding).map(code -> finding(code, finding)).stream())
        .toList();
  }

  private static PostureFinding finding(FindingCode code, LintFinding lint) {
    return PostureFinding.at(code, lint.message(), lint.file(), lint.line(), lint.cure());
  }

  /** Empty for what the proof over the whole file says better than a single line. */
  private static Optional<FindingCode> code(LintFinding lint) {
    return switch (lint.code()) {
      case ADMITS_PLAINTEXT -> Optional.empty();
      case TRUST_OVER_NETWORK -> Optional.of(FindingCode.TRUST_OVER_NETWORK);
      case PASSWORD_IN_CLEAR -> Optional.of(FindingCode.PASSWORD_IN_CLEAR);
      case IDENT_OVER_NETWORK -> Optional.of(FindingCode.IDENT_OVER_NETWORK);
      case MD5_PASSWORD -> Optional.of(FindingCode.MD5_PASSWORD);
      case REFUSED, SELF_INCLUDE -> Optional.of(FindingCode.RULES_REFUSED);
      default ->
          Optional.of(
              lint.severity() == LintSeverity.INFO
                  ? FindingCode.RULE_NOTE
                  : FindingCode.RULE_WARNING);
    };
  }
}
