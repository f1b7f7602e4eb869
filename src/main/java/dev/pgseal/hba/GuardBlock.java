package dev.pgseal.hba;

import dev.pgseal.hba.HbaDocument.Located;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lines that are put above all rules to shut plaintext out while the rules stay as they are.
 *
 * <p>A rejecting line alone can spare neither loopback nor GSSAPI: the first record that matches
 * decides, and {@code hostnossl} matches both. So what is kept is decided above it, by copies of
 * the rules in their order: for loopback by all that match TCP, cut down to loopback; for GSSAPI by
 * all that match it, as {@code hostgssenc}. Both are then judged as before, be they admitted or
 * rejected.
 */
final class GuardBlock {

  /** {@code all} does not cover physical replication (hba.c, check_db). */
  private static final String GUARD =
      "hostnossl all,replication all all reject  # pgseal: no plaintext from here on";

  private static final String GUARD_REASON = "plaintext is rejected before any other rule is tried";

  /** A line to be put in, and why. */
  record Line(String text, String reason) {}

  private final HbaDocument document;
  private final ConversionOptions options;
  private final List<Line> lines = new ArrayList<>();

  private GuardBlock(HbaDocument document, ConversionOptions options) {
    this.document = document;
    this.options = options;
  }

  /**
   * The lines from top to bottom.
   *
   * @throws PgsealException HBA_NOT_EDITABLE when a rule that must be copied cannot be
   */
  static List<Line> lines(HbaDocument document, ConversionOptions options) {
    var block = new GuardBlock(document, options);
    if (options.loopback() == ConversionOptions.Loopback.KEEP) {
      block.loopback();
    }
    if (options.gss() == ConversionOptions.Gss.KEEP && document.dialect().gssapi()) {
      block.gss();
    }
    block.lines.add(new Line(GUARD, GUARD_REASON));
    return List.copyOf(block.lines);
  }

  private void loopback() {
    int needed = 0;
    for (Located located : document.located()) {
      HbaRule rule = copied(located);
      if (rule == null) {
        continue;
      }
      if (rule.address() instanceof HbaAddress.HostName name) {
        throw notCopied(
            rule.file(),
            rule.line(),
            "is for the host " + name.name() + ", and only DNS knows whether that is loopback",
            "Write an address there, or choose the strategy REWRITE.");
      }
      var text = new RuleText(rule, located.source());
      String reason = "loopback is judged as by line " + rule.line();
      if (Loopback.coversOnly(rule.address())) {
        lines.add(new Line(text.copy(rule.type(), "pgseal: loopback as before"), reason));
      } else {
        for (String part : Loopback.part(rule.address())) {
          lines.add(new Line(text.copy(rule.type(), part, "pgseal: loopback as before"), reason));
        }
      }
      needed = rule.type() == ConnectionType.HOSTSSL ? needed : lines.size();
    }
    // the last ones for TLS alone: behind the guard TLS meets the same rules again
    lines.subList(needed, lines.size()).clear();
  }

  private void gss() {
    for (Located located : document.located()) {
      HbaRule rule = copied(located);
      if (rule != null && rule.type().covers(Transport.GSS)) {
        String copy =
            new RuleText(rule, located.source())
                .copy(ConnectionType.HOSTGSSENC, "pgseal: GSSAPI as before");
        lines.add(new Line(copy, "GSSAPI is judged as by line " + rule.line()));
      }
    }
  }

  /** The rule when it is one for TCP, else null. */
  private @Nullable HbaRule copied(Located located) {
    if (located.entry() instanceof HbaUnread unread) {
      throw notCopied(
          unread.file(),
          unread.line(),
          "refers to " + unread.reference() + ", whose rules were not read",
          "Do without the exception, or move those rules into the main file.");
    }
    if (!(located.entry() instanceof HbaRule rule)
        || rule.type() == ConnectionType.LOCAL
        || HbaSentinel.isSentinel(rule)) {
      return null;
    }
    requireSameDirectory(rule);
    return rule;
  }

  /** The path behind an {@code @} is relative to the file that names it. */
  private void requireSameDirectory(HbaRule rule) {
    if (directory(rule.file()).equals(directory(document.mainFile()))) {
      return;
    }
    boolean lists =
        document.includes().stream()
            .filter(include -> include.kind() == HbaInclude.Kind.LIST)
            .anyMatch(i -> i.file().equals(rule.file()) && i.line() == rule.line());
    if (lists) {
      throw notCopied(
          rule.file(),
          rule.line(),
          "names a list in a file beside it, which a copy elsewhere would not find",
          "Choose the strategy REWRITE, or do without the exception.");
    }
  }

  private static String directory(String path) {
    return path.substring(0, path.lastIndexOf('/') + 1);
  }

  private static PgsealException notCopied(String file, int line, String why, String cure) {
    return new PgsealException(
            ProblemType.HBA_NOT_EDITABLE,
            "The guard needs a copy of line %d of %s, which %s".formatted(line, file, why))
        .with("file", file)
        .with("line", line)
        .hint(cure);
  }
}
