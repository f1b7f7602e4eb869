package dev.pgseal.hba;

import dev.pgseal.hba.RawLogin.Outcome;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds the rule that we name for an attempt against the one that a server takes.
 *
 * <p>A login shows the method of the rule only. Where another rule of the file has the same one, it
 * is made again with the methods dealt out anew, so that both together name one rule.
 */
final class RuleTrial {

  private record Asked(ConnectionAttempt attempt, @Nullable String replication) {}

  private final RawLogin login;
  private final HbaDialect dialect;
  private final Map<String, Integer> kinds = new TreeMap<>();
  private final List<String> disagreements = new ArrayList<>();
  private int pairs;
  private int logins;
  private int undecided;

  RuleTrial(RawLogin login, HbaDialect dialect) {
    this.login = login;
    this.dialect = dialect;
  }

  /** One file and so many attempts. */
  void run(RulesView view, RuleSpace space, int attempts) throws IOException, SQLException {
    List<String> rules = space.rules(8);
    var asked = new ArrayList<Asked>();
    for (int i = 0; i < attempts; i++) {
      String replication = space.replication();
      asked.add(new Asked(space.attempt(replication), replication));
    }
    pairs += attempts;
    asked.forEach(this::count);
    List<Asked> ambiguous = load(view, RuleSpace.numbered(rules, 0), asked);
    if (!ambiguous.isEmpty()) {
      load(view, RuleSpace.numbered(rules, 1), ambiguous);
    }
  }

  /** Returns those for which another rule would have shown the same. */
  private List<Asked> load(RulesView view, String file, List<Asked> asked)
      throws IOException, SQLException {
    HbaDocument document = HbaDocument.parseText(file, dialect).requireLoadable();
    view.write("pg_hba.conf", file);
    view.reload();
    var ambiguous = new ArrayList<Asked>();
    for (Asked each : asked) {
      HbaDecision decision = HbaMatcher.decide(document, each.attempt());
      Outcome theirs = login.attempt(each.attempt(), each.replication());
      logins++;
      if (decision instanceof HbaDecision.Undecidable) {
        undecided++;
      } else if (outcome(decision) != theirs) {
        disagreements.add(file + each + ": " + decision + " / " + theirs);
      } else if (decision instanceof HbaDecision.Decided decided
          && document.rules().stream()
                  .filter(rule -> rule.method().equals(decided.rule().method()))
                  .count()
              > 1) {
        ambiguous.add(each);
      }
    }
    return ambiguous;
  }

  private void count(Asked asked) {
    kinds.merge(asked.attempt().transport().name(), 1, Integer::sum);
    if (asked.attempt().client() != null) {
      kinds.merge(asked.attempt().client().getHostAddress(), 1, Integer::sum);
    }
    String replication = asked.replication();
    if ("database".equals(replication)) {
      kinds.merge("logical", 1, Integer::sum);
    } else if ("true".equals(replication) || "on".equals(replication)) {
      kinds.merge("physical", 1, Integer::sum);
    }
  }

  private static Outcome outcome(HbaDecision decision) {
    if (decision instanceof HbaDecision.Decided decided) {
      return switch (decided.rule().method()) {
        case "trust" -> Outcome.OK;
        case "password" -> Outcome.CLEARTEXT;
        case "scram-sha-256" -> Outcome.SASL;
        default -> Outcome.REJECTED;
      };
    }
    return Outcome.NO_ENTRY;
  }

  List<String> disagreements() {
    return disagreements;
  }

  int undecided() {
    return undecided;
  }

  /** Transports, source addresses and kinds of replication that were tried. */
  Iterable<String> kinds() {
    return kinds.keySet();
  }

  @Override
  public String toString() {
    return "%d pairs of a file and an attempt, %d logins, %d undecidable, %d disagreements; %s"
        .formatted(pairs, logins, undecided, disagreements.size(), kinds);
  }
}
