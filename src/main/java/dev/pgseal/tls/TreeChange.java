package dev.pgseal.tls;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaInclude;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.hba.HbaText;
import dev.pgseal.postgres.Fingerprints;
import dev.pgseal.postgres.HbaDeadMan;
import dev.pgseal.postgres.HbaReplacement;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The files of a tree that are to hold something else.
 *
 * @param main path of pg_hba.conf, whether it changes or not
 * @param files by path
 * @param untouched SHA-256 by path of the files that stay and that the change was made for
 */
record TreeChange(String main, SortedMap<String, Replaced> files, Map<String, String> untouched) {

  /** Contents must not be changed. */
  record Replaced(byte[] before, byte[] after) {}

  /**
   * @param other content of a file that lies on the server but not in {@code before}; empty when
   *     there is no such file
   * @throws PgsealException {@code HBA_NOT_EDITABLE} when an {@code @file} list or a file that does
   *     not exist would have to be written
   */
  static TreeChange between(
      HbaTree before, HbaDocument after, Function<String, Optional<byte[]>> other) {
    SortedMap<String, Replaced> files = new TreeMap<>();
    Map<String, String> untouched = new HashMap<>(before.hashes());
    for (String path : after.files()) {
      byte[] wanted = after.bytes(path);
      byte[] present = before.files().get(path);
      if (present == null) {
        present = other.apply(path).orElseThrow(() -> absent(path));
        untouched.put(path, Fingerprints.sha256(present));
      }
      if (!Arrays.equals(present, wanted)) {
        requireNoList(after, path);
        files.put(path, new Replaced(present, wanted));
        untouched.remove(path);
      }
    }
    return new TreeChange(before.main(), files, untouched);
  }

  private static void requireNoList(HbaDocument document, String path) {
    for (HbaInclude include : document.includes()) {
      if (include.kind() == HbaInclude.Kind.LIST && include.path().equals(path)) {
        throw new PgsealException(
                ProblemType.HBA_NOT_EDITABLE,
                "%s is a list of names (@%s in line %d of %s); pgseal writes no such list"
                    .formatted(path, include.reference(), include.line(), include.file()))
            .with("file", include.file())
            .with("line", include.line())
            .hint("Edit the list on the server, or write the names into the rule itself.");
      }
    }
  }

  private static PgsealException absent(String path) {
    return new PgsealException(
            ProblemType.HBA_NOT_EDITABLE, path + " is not there any more; pgseal makes no new file")
        .with("file", path)
        .hint("Create it on the server, empty and owned by the user PostgreSQL runs as, first.");
  }

  /** The way back, whatever became of the files that were not touched. */
  TreeChange reversed() {
    SortedMap<String, Replaced> back = new TreeMap<>();
    files.forEach((path, file) -> back.put(path, new Replaced(file.after(), file.before())));
    return new TreeChange(main, back, Map.of());
  }

  /** What the server itself puts back when nobody confirms. */
  List<HbaDeadMan.Watched> watched() {
    return files.entrySet().stream()
        .map(
            file ->
                new HbaDeadMan.Watched(
                    HbaText.toReadable(file.getKey()),
                    Fingerprints.sha256(file.getValue().before()),
                    Fingerprints.sha256(file.getValue().after())))
        .toList();
  }

  HbaReplacement replacement(UUID id) {
    Map<String, byte[]> contents = new HashMap<>();
    Map<String, String> expected = new HashMap<>();
    untouched.forEach((path, hash) -> expected.put(HbaText.toReadable(path), hash));
    files.forEach(
        (path, file) -> {
          contents.put(HbaText.toReadable(path), file.after());
          expected.put(HbaText.toReadable(path), Fingerprints.sha256(file.before()));
        });
    return new HbaReplacement(id, contents, expected);
  }

  /** What is kept of it until it is done. */
  HbaWrite recorded(UUID id, UUID serverId, int major, @Nullable HbaNote note) {
    return new HbaWrite(
        id,
        serverId,
        Instant.now(),
        main,
        files.entrySet().stream().map(file -> part(file.getKey(), file.getValue(), major)).toList(),
        note);
  }

  private HbaWrite.Part part(String path, Replaced file, int major) {
    String after = Fingerprints.sha256(file.after());
    String plain =
        path.equals(main)
            ? Fingerprints.sha256(
                HbaSentinel.remove(HbaDocument.parse(file.after(), major)).bytes())
            : after;
    return new HbaWrite.Part(HbaText.toReadable(path), file.before(), after, plain);
  }
}
