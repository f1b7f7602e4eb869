package dev.pgseal.tls;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaLint;
import dev.pgseal.hba.HbaProof;
import dev.pgseal.hba.HbaRule;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.hba.HbaText;
import dev.pgseal.hba.LintFinding;
import dev.pgseal.hba.PlaintextDoor;
import dev.pgseal.hba.ProofOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;

/** The rules of a file that still admit plaintext over TCP, as the API shows them. */
@ApplicationScoped
public class PlaintextAnalysis {

  /** All of them, from wherever plaintext may come. */
  public List<SslState.PlaintextRule> doors(HbaDocument rules) {
    return doors(rules, ProofOptions.STRICT);
  }

  /**
   * @param allowed exceptions that do not count against the verdict
   */
  public RulesProof prove(HbaDocument rules, Set<Exemption> allowed) {
    List<SslState.PlaintextRule> all = doors(rules);
    boolean spare = allowed.contains(Exemption.LOOPBACK) && !all.isEmpty();
    List<SslState.PlaintextRule> outside =
        spare ? doors(rules, ProofOptions.STRICT.withLoopbackExcepted()) : all;
    List<SslState.PlaintextRule> excepted =
        all.stream().filter(door -> outside.stream().noneMatch(door::sameRule)).toList();
    return new RulesProof(
        outside.isEmpty() ? RulesProof.Verdict.ENFORCED : RulesProof.Verdict.NOT_ENFORCED,
        excepted.isEmpty() ? Set.of() : Set.of(Exemption.LOOPBACK),
        plaintext(false, outside, excepted),
        plaintext(true, outside, excepted),
        outside,
        excepted,
        unreachable(rules));
  }

  private static RulesProof.Plaintext plaintext(
      boolean physical,
      List<SslState.PlaintextRule> outside,
      List<SslState.PlaintextRule> excepted) {
    if (outside.stream().anyMatch(door -> door.physicalReplication() == physical)) {
      return RulesProof.Plaintext.ADMITTED;
    }
    return excepted.stream().anyMatch(door -> door.physicalReplication() == physical)
        ? RulesProof.Plaintext.EXCEPTED
        : RulesProof.Plaintext.REFUSED;
  }

  private static List<SslState.PlaintextRule> doors(HbaDocument rules, ProofOptions options) {
    return HbaProof.plaintextDoors(rules, options).stream()
        .filter(door -> door.rule() == null || !HbaSentinel.isSentinel(door.rule()))
        .map(PlaintextAnalysis::rule)
        .toList();
  }

  private static SslState.PlaintextRule rule(PlaintextDoor door) {
    HbaRule rule = door.rule();
    return new SslState.PlaintextRule(
        door.file(),
        door.line(),
        rule == null ? "" : HbaText.toShown(rule.text().strip()),
        HbaText.toShown(door.description()),
        door.physicalReplication());
  }

  private static List<RulesProof.Unreachable> unreachable(HbaDocument rules) {
    return HbaLint.unreachable(rules).findings().stream()
        .map(finding -> unreachable(rules, finding))
        .toList();
  }

  private static RulesProof.Unreachable unreachable(HbaDocument rules, LintFinding finding) {
    String text =
        finding.ruleId() == null
            ? ""
            : rules.rule(finding.ruleId()).map(r -> HbaText.toShown(r.text().strip())).orElse("");
    return new RulesProof.Unreachable(finding.file(), finding.line(), text, finding.message());
  }
}
