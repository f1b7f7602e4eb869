package dev.pgseal.hba;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules that no connection ever reaches, and rejections that do not cover what they seem to. */
final class ReachLint {

  private static final long MOST_PAIRS = 4096;

  /** How far below a rejection a line for replication is looked for. */
  private static final int NEARBY = 1000;

  private final HbaDocument document;
  private final Findings findings;
  private final Effort effort = new Effort(HbaLimits.STEPS);
  private final Coverage covered = new Coverage(new AddressBounds(null), effort);
  private final RuleMeanings meanings = new RuleMeanings();
  private final Map<String, HbaRule> byMeaning = new HashMap<>();
  private final Set<String> unreachable = new HashSet<>();

  ReachLint(HbaDocument document, Findings findings) {
    this.document = document;
    this.findings = findings;
  }

  void run() {
    unreachable();
    replication();
  }

  /** What an {@link HbaUnread} holds could only shadow more, never less. */
  void unreachable() {
    for (HbaRule rule : document.rules()) {
      if (rule.cannotMatch() != null) {
        continue;
      }
      reach(rule);
      covered.add(rule);
      if (effort.exhausted()) {
        findings.add(
            new LintFinding(
                LintCode.REACH_NOT_CHECKED,
                LintSeverity.INFO,
                rule.file(),
                rule.line(),
                rule.id(),
                "The rules are too many to tell of this one and the later ones whether they are"
                    + " ever reached",
                "Split the lists, or remove what is not needed."));
        return;
      }
    }
  }

  private void reach(HbaRule rule) {
    HbaRule same = byMeaning.putIfAbsent(meanings.of(rule), rule);
    if (isReachable(rule)) {
      return;
    }
    unreachable.add(rule.id());
    boolean duplicate = same != null;
    add(
        duplicate ? LintCode.DUPLICATE : LintCode.UNREACHABLE,
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
    for (Transport transport : Transport.values()) {
      if (rule.type().covers(transport) && isReachable(rule, transport)) {
        return true;
      }
    }
    return false;
  }

  private boolean isReachable(HbaRule rule, Transport transport) {
    for (HbaToken database : rule.databases()) {
      for (HbaToken user : rule.users()) {
        if (covered.gap(transport, rule.address(), new NamePair(database, user)) != null) {
          return true;
        }
      }
    }
    return false;
  }

  /** {@code all} is not about physical replication (hba.c, check_db). */
  private void replication() {
    List<Admitting> admitting = admittingReplication();
    List<HbaRule> rules = document.rules();
    int next = 0;
    for (int i = 0; i < rules.size(); i++) {
      HbaRule reject = rules.get(i);
      while (next < admitting.size() && admitting.get(next).position() <= i) {
        next++;
      }
      if (reject.admits()
          || has(reject.databases(), "replication")
          || !has(reject.databases(), "all")
          || !has(reject.users(), "all")) {
        continue;
      }
      for (int j = next; j < admitting.size() && admitting.get(j).position() < i + NEARBY; j++) {
        HbaRule later = admitting.get(j).rule();
        if (overlap(reject.type(), later.type())) {
          add(
              LintCode.REPLICATION_NOT_COVERED,
              reject,
              "all does not cover physical replication, which line " + later.line() + " admits",
              "Write all,replication if replication is to be rejected too.");
          break;
        }
      }
    }
  }

  /**
   * @param position among the rules
   */
  private record Admitting(int position, HbaRule rule) {}

  private List<Admitting> admittingReplication() {
    var found = new ArrayList<Admitting>();
    List<HbaRule> rules = document.rules();
    for (int i = 0; i < rules.size(); i++) {
      HbaRule rule = rules.get(i);
      if (rule.admits()
          && has(rule.databases(), "replication")
          && !unreachable.contains(rule.id())) {
        found.add(new Admitting(i, rule));
      }
    }
    return found;
  }

  private static boolean overlap(ConnectionType one, ConnectionType other) {
    for (Transport transport : Transport.values()) {
      if (one.covers(transport) && other.covers(transport)) {
        return true;
      }
    }
    return false;
  }

  private static boolean has(List<HbaToken> tokens, String word) {
    return tokens.stream().anyMatch(token -> token.isKeyword(word));
  }

  private void add(LintCode code, HbaRule rule, String message, String cure) {
    findings.add(
        new LintFinding(
            code, LintSeverity.WARNING, rule.file(), rule.line(), rule.id(), message, cure));
  }
}
