package dev.pgseal.tls;

import dev.pgseal.hba.HbaDiff;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaInclude;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.hba.HbaText;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The versions of a server's rules: what each changed, and the way back to one. */
@ApplicationScoped
public class HbaRevisions {

  private final ServerAccess access;
  private final ServerChange changes;
  private final HbaLoader loader;
  private final RulesChange rules;
  private final HbaRevisionStore store;

  public HbaRevisions(
      ServerAccess access,
      ServerChange changes,
      HbaLoader loader,
      RulesChange rules,
      HbaRevisionStore store) {
    this.access = access;
    this.changes = changes;
    this.loader = loader;
    this.rules = rules;
    this.store = store;
  }

  /**
   * What a restore does or did.
   *
   * @param diff unified, secrets masked, without the sentinel line; empty when nothing would change
   * @param remarks what a person should know, such as lists of names that stay as they are
   * @param revision that it became; null when it was only shown
   */
  public record Restored(String diff, List<String> remarks, @Nullable HbaRevision revision) {}

  /** What lies there and what is to come. */
  private record Plan(HbaLoader.Loaded present, HbaDocument wanted, List<String> remarks) {

    String diff() {
      return HbaDiff.unified(HbaSentinel.remove(present.document()), HbaSentinel.remove(wanted));
    }
  }

  /** Newest first, with numbers below {@code beforeNumber}. */
  public List<HbaRevision> list(ManagedServer server, @Nullable Integer beforeNumber, int limit) {
    return store.list(server.id(), beforeNumber, limit);
  }

  /**
   * @throws PgsealException {@code NOT_FOUND}
   */
  public HbaRevision require(ManagedServer server, int number) {
    return store
        .find(server.id(), number)
        .orElseThrow(
            () ->
                new PgsealException(
                        ProblemType.NOT_FOUND,
                        "The rules of %s have no revision %d".formatted(server.name(), number))
                    .hint("GET …/hba/revisions lists them"));
  }

  /** Unified, against the version before it, secrets masked; all of it in the first version. */
  public String diff(HbaRevision revision) {
    HbaTree tree = store.tree(revision);
    Map<String, byte[]> before =
        store.list(revision.serverId(), revision.number(), 1).stream()
            .findFirst()
            .map(earlier -> store.tree(earlier).files())
            .map(files -> (Map<String, byte[]>) files)
            .orElse(Map.of());
    return HbaDiff.unified(before, tree.files(), tree.main());
  }

  /** What {@link #restore} would do now. */
  public Restored planRestore(ManagedServer server, int number) {
    HbaRevision revision = require(server, number);
    try (PostgresSession session = access.fresh(server)) {
      Plan plan = plan(session, revision);
      return new Restored(plan.diff(), plan.remarks(), null);
    }
  }

  /**
   * Brings the files of that version back: checked, proved and taken back like any other change,
   * and a version of its own. Lists of names stay as they are.
   *
   * @param expectedTag of what the caller read
   * @throws PgsealException {@code HBA_NOT_EDITABLE} when a file would have to be made or removed;
   *     and what {@link RulesChange} says
   */
  public Restored restore(ManagedServer server, int number, String expectedTag, String caller) {
    HbaRevision revision = require(server, number);
    return changes.run(
        server,
        caller,
        "restore hba",
        change -> {
          Plan plan = plan(change.session(), revision);
          plan.present().requireTag(expectedTag);
          RulesChange.Applied applied =
              rules.apply(
                  change,
                  rules.prepare(
                      change,
                      HbaSentinel.remove(plan.wanted()),
                      expectedTag,
                      RulesChange.Requirement.NONE,
                      true),
                  HbaNote.restored(caller, number),
                  ConfirmOrRevert.DEFAULT);
          return new Restored(plan.diff(), plan.remarks(), applied.revision());
        });
  }

  private Plan plan(PostgresSession session, HbaRevision revision) {
    HbaLoader.Loaded present = loader.load(session);
    HbaTree tree = store.tree(revision);
    Map<String, byte[]> contents = new HashMap<>(tree.files());
    // where only the main file was kept its path was not
    contents.put(present.document().mainFile(), tree.mainContent());
    Set<String> lists = lists(loader.withFiles(session, present, contents));
    List<String> remarks = new ArrayList<>();
    for (String list : lists) {
      byte[] then = contents.remove(list);
      if (then != null && !Arrays.equals(then, present.tree().files().get(list))) {
        remarks.add(
            HbaText.toReadable(list)
                + " is a list of names that was another then, or was not read; it stays as it is");
      }
    }
    HbaDocument wanted = loader.withFiles(session, present, contents);
    requireKnown(wanted, tree, lists);
    return new Plan(present, wanted, remarks);
  }

  private static Set<String> lists(HbaDocument document) {
    Set<String> lists = new HashSet<>();
    for (HbaInclude include : document.includes()) {
      if (include.kind() == HbaInclude.Kind.LIST) {
        lists.add(include.path());
      }
    }
    return lists;
  }

  /** A file that came into an included directory since would bring its rules into the old ones. */
  private static void requireKnown(HbaDocument wanted, HbaTree tree, Set<String> lists) {
    for (String path : wanted.files()) {
      boolean known =
          tree.files().containsKey(path) || path.equals(wanted.mainFile()) || lists.contains(path);
      if (!known) {
        throw new PgsealException(
                ProblemType.HBA_NOT_EDITABLE,
                path + " was not among the files of that revision, and would be read with them")
            .with("file", path)
            .hint("Remove it on the server first, or change the rules one by one.");
      }
    }
  }
}
