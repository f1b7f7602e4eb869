package dev.pgseal.tls;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The history of the servers' pg_hba.conf; the contents are sealed, they may hold secrets. */
public interface HbaRevisionStore {

  /**
   * Adds the next version of the server, and ends the write that led to it ({@link HbaWrites}).
   *
   * @param files paths of those that differ from the version before
   */
  HbaRevision append(UUID serverId, HbaTree tree, HbaNote note, List<String> files);

  /**
   * Changes with every operation of pgseal on the server and with every version; empty while an
   * operation is going on or was broken off.
   */
  Optional<String> idleMark(UUID serverId);

  /** Adds a version that was found, unless the mark is another by now. */
  void appendFound(UUID serverId, HbaTree tree, HbaNote note, List<String> files, String idleMark);

  /** Newest first, with numbers below {@code beforeNumber}. */
  List<HbaRevision> list(UUID serverId, @Nullable Integer beforeNumber, int limit);

  Optional<HbaRevision> find(UUID serverId, int number);

  /** The files of that version; the main file alone where no other was kept. */
  HbaTree tree(HbaRevision revision);
}
