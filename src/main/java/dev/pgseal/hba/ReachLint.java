package dev.pgseal.hba;

import dev.pgseal.hba.LintFinding.Code;
import dev.pgseal.hba.LintFinding.Severity;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules that no connection ever reaches, and rejections that do not cover what they seem to. */
final class ReachLint {

  private static final long MOST_PAIRS = 4096;

  private final HbaDocument document;
  private final List<LintFinding> findings;
  private final Map<Transport, Coverage> coverage = new EnumMap<>(Transport.class);
  private final Map<String, HbaRule> meanings = new HashMap<>();
  private final Set<String> unreachable = new HashSet<>();

  ReachLint(HbaDocument document, List<LintFinding> findings) {
    this.document = document;
    this.findings = findings;
    for (Transport transport : Transport.values()) {
      coverage.put(transport, new Coverage(new AddressBounds(null)));
    }
  }

  void run() {
    for (HbaEntry entry : document.entries()) {
      if (entry instanceof HbaUnread) {
        // what it holds could only shadow more, never less
        continue;
      }
      if (entry instanceof HbaRule rule && rule.cannotMatch() == null) {
        reach(rule);
        coverage.forEach(
            (transport, covered) -> {
              if (rule.type().covers(transport)) {
                covered.add(rule);
              }
            });
      }
    }
    replication();
  }

  private void reach(HbaRule rule) {
    HbaRule same = meanings.putIfAbsent(meaning(rule), rule);
    if (isReachable(rule)) {
      return;
    }
    unreachable.add(rule.id());
    boolean duplicate = same != null;
    add(
        duplicate ? Code.DUPLICATE : Code.UNREACHABLE,
        rule,
        duplicate
            ? "The same rule stands in line " + same.line() + " already"
            : "Earlier rules decide over everything that this one is about",
        duplicate
            ? "Remove one of them."
            : "Remove it, or move it up if it was meant to come first.");
  }

  private boolean isReachable(HbaRule rule) {
    if ((long) rule.databases().size() * rule.users().size() > MOST_PAIRS) {
      return true;
    }
    return coverage.entrySet().stream()
        .filter(each -> rule.type().covers(each.getKey()))
        .anyMatch(each -> isReachable(rule, each.getValue()));
  }

  private static boolean isReachable(HbaRule rule, Coverage covered) {
    for (HbaToken database : rule.databases()) {
      for (HbaToken user : rule.users()) {
        if (covered.gap(rule.address(), new NamePair(database, user)) != null) {
          return true;
        }
      }
    }
    return false;
  }

  private static String meaning(HbaRule rule) {
    return rule.type()
        + " "
        + rule.databases()
        + " "
        + rule.users()
        + " "
        + rule.address()
        + " "
        + rule.method()
        + " "
        + rule.options();
  }

  /** {@code all} is not about physical replication (hba.c, check_db). */
  private void replication() {
    List<HbaRule> rules = document.rules();
    for (int i = 0; i < rules.size(); i++) {
      HbaRule reject = rules.get(i);
      if (reject.admits() || has(reject, "replication") || !has(reject, "all")) {
        continue;
      }
      for (HbaRule later : rules.subList(i + 1, Math.min(rules.size(), i + 1000))) {
        if (later.admits()
            && has(later, "replication")
            && !unreachable.contains(later.id())
            && overlap(reject.type(), later.type())
            && has(reject.users(), "all")) {
          add(
              Code.REPLICATION_NOT_COVERED,
              reject,
              "all does not cover physical replication, which line " + later.line() + " admits",
              "Write all,replication if replication is to be rejected too.");
          break;
        }
      }
    }
  }

  private static boolean overlap(ConnectionType one, ConnectionType other) {
    for (Transport transport : Transport.values()) {
      if (one.covers(transport) && other.covers(transport)) {
        return true;
      }
    }
    return false;
  }

  private static boolean has(HbaRule rule, String word) {
    return has(rule.databases(), word);
  }

  private static boolean has(List<HbaToken> tokens, String word) {
    return tokens.stream().anyMatch(token -> token.isKeyword(word));
  }

  private void add(Code code, HbaRule rule, String message, String cure) {
    findings.add(
        new LintFinding(
            code, Severity.WARNING, rule.file(), rule.line(), rule.id(), message, cure));
  }
}
