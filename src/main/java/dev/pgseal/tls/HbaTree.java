package dev.pgseal.tls;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.postgres.Fingerprints;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files that make a server's rules, as they were read: pg_hba.conf, what it includes, and the
 * {@code @file} lists of names.
 *
 * @param main path of pg_hba.conf
 * @param files content by path; must not be changed
 */
public record HbaTree(String main, SortedMap<String, byte[]> files) {

  static HbaTree of(HbaDocument document) {
    SortedMap<String, byte[]> files = new TreeMap<>();
    document.files().forEach(path -> files.put(path, document.bytes(path)));
    return new HbaTree(document.mainFile(), files);
  }

  /** pg_hba.conf alone. */
  public static HbaTree of(String main, byte[] content) {
    return new HbaTree(main, new TreeMap<>(Map.of(main, content)));
  }

  /** pg_hba.conf alone, wherever it lies. */
  public static HbaTree ofMain(byte[] content) {
    return of(HbaDocument.LONE_FILE, content);
  }

  public byte[] mainContent() {
    return files.get(main);
  }

  /**
   * Stands for all bytes of all files: SHA-256, lower-case hex. That of the main file when it is
   * alone.
   */
  public String tag() {
    if (files.size() == 1) {
      return Fingerprints.sha256(mainContent());
    }
    return Fingerprints.sha256(
        hashes().entrySet().stream()
            .map(file -> file.getValue() + "  " + file.getKey() + "\n")
            .collect(Collectors.joining())
            .getBytes(StandardCharsets.UTF_8));
  }

  SortedMap<String, String> hashes() {
    SortedMap<String, String> hashes = new TreeMap<>();
    files.forEach((path, content) -> hashes.put(path, Fingerprints.sha256(content)));
    return hashes;
  }

  /** Paths of files that are not the same in both, those that only one of them has included. */
  List<String> differing(HbaTree other) {
    Map<String, String> ours = hashes();
    Map<String, String> theirs = other.hashes();
    return Stream.concat(ours.keySet().stream(), theirs.keySet().stream())
        .distinct()
        .sorted()
        .filter(path -> !String.valueOf(ours.get(path)).equals(theirs.get(path)))
        .toList();
  }

  @Override
  public String toString() {
    return files.keySet().toString();
  }
}
