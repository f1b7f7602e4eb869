package dev.pgseal.tls;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaProof;
import dev.pgseal.hba.HbaRule;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.hba.HbaText;
import dev.pgseal.hba.PlaintextDoor;
import dev.pgseal.hba.ProofOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** The rules of a file that still admit plaintext over TCP, as the API shows them. */
@ApplicationScoped
public class PlaintextAnalysis {

  public List<SslState.PlaintextRule> doors(HbaDocument rules) {
    return HbaProof.plaintextDoors(rules, ProofOptions.STRICT).stream()
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
        HbaText.toShown(door.description()));
  }
}
