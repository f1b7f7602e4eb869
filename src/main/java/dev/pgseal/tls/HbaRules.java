package dev.pgseal.tls;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaEditor;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads a server's pg_hba.conf and changes it, rule by rule or as a whole. */
@ApplicationScoped
public class HbaRules {

  private final ServerAccess access;
  private final ServerChange changes;
  private final HbaLoader loader;
  private final RulesChange rules;
  private final HbaHistory history;

  public HbaRules(
      ServerAccess access,
      ServerChange changes,
      HbaLoader loader,
      RulesChange rules,
      HbaHistory history) {
    this.access = access;
    this.changes = changes;
    this.loader = loader;
    this.rules = rules;
    this.history = history;
  }

  public HbaLoader.Loaded read(ManagedServer server) {
    try (PostgresSession session = access.borrow(server)) {
      return loader.load(session);
    }
  }

  /**
   * Replaces the whole file; also the way to mend one that PostgreSQL refuses.
   *
   * @param expectedSha256 of the file that the caller read
   * @throws PgsealException {@code PRECONDITION_FAILED}, and what {@link RulesChange} says
   */
  public RulesChange.Applied replace(
      ManagedServer server, byte[] content, String expectedSha256, String caller) {
    return changes.run(
        server,
        caller,
        "PUT hba",
        change -> {
          HbaLoader.Loaded present = loader.load(change.session());
          requireExpected(present, expectedSha256);
          HbaDocument rules = loader.withContent(change.session(), present, content);
          return apply(change, rules, expectedSha256, caller, "replaced", true);
        });
  }

  /**
   * @param before insert in front of this rule; null for the end
   * @param after insert behind this rule; null when {@code before} is given or for the end
   */
  public RulesChange.Applied insert(
      ManagedServer server,
      String rule,
      @Nullable String before,
      @Nullable String after,
      String expectedSha256,
      String caller) {
    return edit(
        server,
        expectedSha256,
        caller,
        "inserted a rule",
        document -> {
          if (before != null) {
            return HbaEditor.insertBefore(document, before, rule);
          }
          return after != null
              ? HbaEditor.insertAfter(document, after, rule)
              : HbaEditor.insertAtEnd(document, rule);
        });
  }

  public RulesChange.Applied change(
      ManagedServer server, String ruleId, String rule, String expectedSha256, String caller) {
    return edit(
        server,
        expectedSha256,
        caller,
        "changed a rule",
        document -> HbaEditor.replace(document, ruleId, rule));
  }

  public RulesChange.Applied remove(
      ManagedServer server, String ruleId, String expectedSha256, String caller) {
    return edit(
        server,
        expectedSha256,
        caller,
        "removed a rule",
        document -> HbaEditor.remove(document, ruleId));
  }

  private RulesChange.Applied edit(
      ManagedServer server,
      String expectedSha256,
      String caller,
      String summary,
      UnaryOperator<HbaDocument> edit) {
    return changes.run(
        server,
        caller,
        "edit hba",
        change -> {
          HbaLoader.Loaded present = loader.load(change.session());
          requireExpected(present, expectedSha256);
          HbaDocument edited = edit.apply(present.document());
          return apply(change, edited, expectedSha256, caller, summary, false);
        });
  }

  private RulesChange.Applied apply(
      ServerUnderChange change,
      HbaDocument rules,
      String expectedSha256,
      String caller,
      String summary,
      boolean mending) {
    RulesChange.Prepared prepared =
        this.rules.prepare(
            change,
            HbaSentinel.remove(rules),
            expectedSha256,
            RulesChange.Requirement.NONE,
            mending);
    RulesChange.Applied applied = this.rules.apply(change, prepared, ConfirmOrRevert.DEFAULT);
    history.changed(change.server(), caller, applied, summary);
    return applied;
  }

  private static void requireExpected(HbaLoader.Loaded present, String expectedSha256) {
    if (!present.onDisk().sha256().equals(expectedSha256)) {
      throw new PgsealException(
              ProblemType.PRECONDITION_FAILED,
              "pg_hba.conf is not the one that was read: it has changed meanwhile")
          .with("etag", present.onDisk().sha256())
          .hint("GET …/hba again, look at the change, and send yours with the new ETag");
    }
  }
}
