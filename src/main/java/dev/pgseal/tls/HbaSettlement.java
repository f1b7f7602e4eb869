package dev.pgseal.tls;

import dev.pgseal.postgres.Fingerprints;
import dev.pgseal.postgres.HbaFile;
import dev.pgseal.postgres.HbaReplacement;
import dev.pgseal.postgres.HbaRow;
import dev.pgseal.postgres.ServerFiles;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * Ends a change of rules that was broken off, before anything else is done to the server: a reload
 * would load whatever lies there.
 *
 * <ul>
 *   <li>Every file holds the new text, PostgreSQL takes it and lets us in: it is finished and gets
 *       its revision.
 *   <li>Some hold the new text and some the old: the old texts come back.
 *   <li>A file that holds neither was changed by somebody else; it stays as it is.
 * </ul>
 */
@ApplicationScoped
public class HbaSettlement {

  private static final Logger LOG = Logger.getLogger(HbaSettlement.class);

  /** Trying again would not help. */
  private static final Set<ProblemType> FOR_GOOD =
      Set.of(ProblemType.HBA_INVALID, ProblemType.PRECONDITION_FAILED);

  private final HbaWrites writes;
  private final HbaWriter writer;
  private final HbaLoader loader;
  private final HbaFile hbaFile;
  private final ServerFiles files;
  private final HbaHistory history;
  private final RulesWatch watch;

  public HbaSettlement(
      HbaWrites writes,
      HbaWriter writer,
      HbaLoader loader,
      HbaFile hbaFile,
      ServerFiles files,
      HbaHistory history,
      RulesWatch watch) {
    this.writes = writes;
    this.writer = writer;
    this.loader = loader;
    this.hbaFile = hbaFile;
    this.files = files;
    this.history = history;
    this.watch = watch;
  }

  /**
   * @throws PgsealException {@code FILE_NOT_WRITTEN} and the like when the old texts cannot be put
   *     back now; nothing else should be done to the server then
   */
  public void settle(ServerUnderChange change) {
    Optional<HbaWrite> unfinished = writes.find(change.server().id());
    if (unfinished.isEmpty()) {
      return;
    }
    HbaWrite write = unfinished.get();
    // else the watchers on the server may put texts back after us
    watch.settle(change);
    files.removeTree(change.session(), HbaReplacement.marker(write.id()));
    SortedMap<String, TreeChange.Replaced> taken = new TreeMap<>();
    boolean anyBefore = false;
    for (HbaWrite.Part part : write.parts()) {
      byte[] present = writer.onDisk(change, part.path()).orElse(new byte[0]);
      String sha256 = Fingerprints.sha256(present);
      // first: without its sentinel the new text may be the old one
      if (sha256.equals(Fingerprints.sha256(part.before()))) {
        anyBefore = true;
      } else if (part.isAfter(sha256)) {
        taken.put(part.path(), new TreeChange.Replaced(present, part.before()));
      }
    }
    if (taken.isEmpty()) {
      LOG.infof("A change of the rules of %s had not begun", change.server().name());
      writer.ended(change);
    } else if (!anyBefore && isTaken(change)) {
      finish(change, write);
    } else {
      takeBack(change, write, taken);
    }
  }

  private boolean isTaken(ServerUnderChange change) {
    if (hbaFile.rows(change.session()).stream().anyMatch(HbaRow::refused)) {
      return false;
    }
    change.reload();
    try {
      change.fresh().close();
      return true;
    } catch (PgsealException e) {
      return false;
    }
  }

  private void finish(ServerUnderChange change, HbaWrite write) {
    LOG.infof("A change of the rules of %s was broken off and is complete", change.server().name());
    HbaNote note = write.note();
    if (note == null) {
      writer.ended(change);
      return;
    }
    HbaTree tree =
        note.kind() == HbaRevision.Kind.RELAXED
            ? writer.removeSentinel(change)
            : loader.load(change.session()).tree();
    if (history.isNewest(change.server(), tree)) {
      // recorded late, by a replica that froze and was replaced by one that finished it
      writer.ended(change);
      return;
    }
    history.append(change.server(), tree, note.afterInterruption());
  }

  private void takeBack(
      ServerUnderChange change, HbaWrite write, SortedMap<String, TreeChange.Replaced> taken) {
    LOG.warnf(
        "A change of the rules of %s was broken off, %s are put back",
        change.server().name(), List.copyOf(taken.keySet()));
    try {
      hbaFile.replace(
          change.session(), new TreeChange(write.main(), taken, Map.of()).replacement(write.id()));
    } catch (PgsealException e) {
      if (!FOR_GOOD.contains(e.type())) {
        throw e;
      }
      LOG.warnf(e, "The rules of %s are left as they are", change.server().name());
    }
    change.reload();
    writer.ended(change);
  }
}
