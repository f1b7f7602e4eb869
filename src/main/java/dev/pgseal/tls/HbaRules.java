package dev.pgseal.tls;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaEditor;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
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

  /** Reads the files; what somebody else made of them since becomes a revision. */
  public HbaLoader.Loaded read(ManagedServer server) {
    Optional<String> mark = history.mark(server);
    HbaLoader.Loaded loaded;
    try (PostgresSession session = access.borrow(server)) {
      loaded = loader.load(session);
    }
    mark.ifPresent(quiet -> history.seen(server, loaded.tree(), quiet));
    return loaded;
  }

  /**
   * Replaces the whole file; also the way to mend one that PostgreSQL refuses.
   *
   * @param expectedTag of what the caller read
   * @throws PgsealException {@code PRECONDITION_FAILED}, and what {@link RulesChange} says
   */
  public RulesChange.Applied replace(
      ManagedServer server, byte[] content, String expectedTag, String caller) {
    return changes.run(
        server,
        caller,
        "PUT hba",
        change -> {
          HbaLoader.Loaded present = loader.load(change.session());
          present.requireTag(expectedTag);
          HbaDocument rules = loader.withContent(change.session(), present, content);
          return apply(change, rules, expectedTag, HbaNote.changed(caller, "replaced"), true);
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
      String expectedTag,
      String caller) {
    return edit(
        server,
        expectedTag,
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
      ManagedServer server, String ruleId, String rule, String expectedTag, String caller) {
    return edit(
        server,
        expectedTag,
        caller,
        "changed a rule",
        document -> HbaEditor.replace(document, ruleId, rule));
  }

  public RulesChange.Applied remove(
      ManagedServer server, String ruleId, String expectedTag, String caller) {
    return edit(
        server,
        expectedTag,
        caller,
        "removed a rule",
        document -> HbaEditor.remove(document, ruleId));
  }

  /**
   * @param before put it in front of this rule; null when {@code after} is given
   * @param after put it behind this rule; null when {@code before} is given
   */
  public RulesChange.Applied move(
      ManagedServer server,
      String ruleId,
      @Nullable String before,
      @Nullable String after,
      String expectedTag,
      String caller) {
    if ((before == null) == (after == null)) {
      throw new PgsealException(
              ProblemType.VALIDATION_FAILED, "Either before or after says where the rule goes")
          .with("field", "before")
          .hint("Send the id of one rule, in before or in after");
    }
    return edit(
        server,
        expectedTag,
        caller,
        "moved a rule",
        document ->
            before != null
                ? HbaEditor.moveBefore(document, ruleId, before)
                : HbaEditor.moveAfter(document, ruleId, after));
  }

  /**
   * Makes the rule a comment.
   *
   * @param reason put before it; null for none
   */
  public RulesChange.Applied disable(
      ManagedServer server,
      String ruleId,
      @Nullable String reason,
      String expectedTag,
      String caller) {
    return edit(
        server,
        expectedTag,
        caller,
        "disabled a rule",
        document -> HbaEditor.commentOut(document, ruleId, reason == null ? "" : reason));
  }

  private RulesChange.Applied edit(
      ManagedServer server,
      String expectedTag,
      String caller,
      String summary,
      UnaryOperator<HbaDocument> edit) {
    return changes.run(
        server,
        caller,
        "edit hba",
        change -> {
          HbaLoader.Loaded present = loader.load(change.session());
          present.requireTag(expectedTag);
          HbaDocument edited = edit.apply(present.document());
          return apply(change, edited, expectedTag, HbaNote.changed(caller, summary), false);
        });
  }

  private RulesChange.Applied apply(
      ServerUnderChange change,
      HbaDocument rules,
      String expectedTag,
      HbaNote note,
      boolean mending) {
    return this.rules.apply(
        change,
        this.rules.prepare(
            change, HbaSentinel.remove(rules), expectedTag, RulesChange.Requirement.NONE, mending),
        note,
        ConfirmOrRevert.DEFAULT);
  }
}
