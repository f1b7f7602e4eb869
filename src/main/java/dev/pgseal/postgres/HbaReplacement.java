package dev.pgseal.postgres;

import java.util.Map;
import java.util.UUID;

/**
 * Files of a server's hba tree that give way to others, all or none.
 *
 * @param id names the marker that lies on the server until PostgreSQL has judged the new files
 * @param contents new content by path; must not be changed
 * @param expected SHA-256 by path of files that must still be what was read; those replaced are
 *     among them
 */
public record HbaReplacement(UUID id, Map<String, byte[]> contents, Map<String, String> expected) {

  public HbaReplacement {
    contents = Map.copyOf(contents);
    expected = Map.copyOf(expected);
    if (contents.isEmpty() || !expected.keySet().containsAll(contents.keySet())) {
      throw new IllegalArgumentException("What is replaced must be known");
    }
  }

  /**
   * Relative to the data directory. While it is there and the backend that made it is gone, a
   * watcher on the server puts the old files back after some seconds.
   */
  public static String marker(UUID id) {
    return "pgseal/hba/unjudged-" + id;
  }
}
