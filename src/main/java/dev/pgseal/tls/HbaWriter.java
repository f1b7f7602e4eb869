package dev.pgseal.tls;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.hba.HbaText;
import dev.pgseal.postgres.Fingerprints;
import dev.pgseal.postgres.HbaFile;
import dev.pgseal.postgres.ServerFiles;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes files of a server's rules so that nothing is lost when pgseal, the backend or the machine
 * stops in between: what is about to be written is in the control database first ({@link
 * HbaSettlement} reads it).
 */
@ApplicationScoped
public class HbaWriter {

  private final HbaLoader loader;
  private final HbaFile hbaFile;
  private final ServerFiles files;
  private final HbaWrites writes;

  public HbaWriter(HbaLoader loader, HbaFile hbaFile, ServerFiles files, HbaWrites writes) {
    this.loader = loader;
    this.hbaFile = hbaFile;
    this.files = files;
    this.writes = writes;
  }

  /**
   * Writes all files or none; nothing is reloaded. It counts as unfinished until a revision is
   * appended or {@link #ended} is called.
   *
   * @param note of the revision to come, should somebody else have to write it
   * @return names the write in {@link #takeBack}
   */
  UUID write(ServerUnderChange change, TreeChange tree, @Nullable HbaNote note) {
    UUID id = UUID.randomUUID();
    // a replica that froze before and was replaced must not record what it cannot do any more
    change.requireHeld();
    writes.begin(tree.recorded(id, change.server().id(), change.session().major(), note));
    try {
      hbaFile.replace(change.session(), tree.replacement(id));
    } catch (PgsealException e) {
      if (change.session().isUsable() && isAsBefore(change, tree)) {
        ended(change);
      }
      throw e;
    }
    return id;
  }

  /** Puts the old files back and loads them; the server may be doing the same by itself. */
  void takeBack(ServerUnderChange change, TreeChange tree, UUID id) {
    try {
      hbaFile.replace(change.session(), tree.reversed().replacement(id));
    } catch (PgsealException e) {
      if (e.type() != ProblemType.PRECONDITION_FAILED || !isAsBefore(change, tree)) {
        throw e;
      }
    }
    change.reload();
    ended(change);
  }

  void ended(ServerUnderChange change) {
    writes.forget(change.server().id());
  }

  /** Takes the sentinel line away and loads that: one file, and the rules stay the same. */
  HbaTree removeSentinel(ServerUnderChange change) {
    HbaLoader.Loaded present = loader.load(change.session());
    HbaDocument plain = HbaSentinel.remove(present.document());
    if (plain != present.document()) {
      hbaFile.replace(change.session(), plain.bytes(), present.onDisk().sha256());
    }
    change.reload();
    return HbaTree.of(plain);
  }

  /** The file's content, empty when it does not exist. */
  Optional<byte[]> onDisk(ServerUnderChange change, String path) {
    return files.readIfExists(change.session(), HbaText.toReadable(path));
  }

  String sha256(ServerUnderChange change, String path) {
    return onDisk(change, path).map(Fingerprints::sha256).orElse("");
  }

  private boolean isAsBefore(ServerUnderChange change, TreeChange tree) {
    try {
      return tree.files().entrySet().stream()
          .allMatch(
              file ->
                  sha256(change, file.getKey())
                      .equals(Fingerprints.sha256(file.getValue().before())));
    } catch (PgsealException unknown) {
      return false;
    }
  }
}
