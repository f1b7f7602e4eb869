package dev.pgseal.tls;

import dev.pgseal.postgres.Fingerprints;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFiles;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Remembers beside the trust of a standby what its {@code primary_conninfo} was before pgseal wrote
 * it, so that a release, months later and by another job, puts back that very string.
 *
 * <p>The file lies in the data directory (0600), as the string itself does in postgresql.auto.conf.
 * A base backup takes it along; it counts only while {@code primary_conninfo} is what pgseal wrote
 * here, so another node's memory is never put back.
 */
final class StreamOrigin {

  static final String FILE = "primary_conninfo.before";

  private static final String HEAD = "primary_conninfo before pgseal, 1";
  private static final int LINES_BEFORE_TEXT = 3;

  private final ServerFiles files;

  StreamOrigin(ServerFiles files) {
    this.files = files;
  }

  /**
   * @param written SHA-256 of each text that pgseal wrote since
   * @param autoConf what postgresql.auto.conf said before; null when it said nothing
   */
  record Before(Set<String> written, @Nullable String autoConf) {
    @Override
    public String toString() {
      return "Before[" + written.size() + "]";
    }
  }

  /**
   * Called before {@code next} is written.
   *
   * @param present the text that counts now
   * @param autoConf what postgresql.auto.conf says now
   */
  void remember(
      PostgresSession quiet, String present, Optional<String> autoConf, PrimaryConninfo next) {
    Optional<Before> known = of(quiet, present);
    List<String> written = new ArrayList<>(known.map(Before::written).orElse(Set.of()));
    written.add(digest(next.text()));
    String before = known.isPresent() ? known.get().autoConf() : autoConf.orElse(null);
    String content =
        String.join(
            "\n",
            HEAD,
            String.join(" ", written),
            before == null ? "absent" : "present",
            before == null ? "" : before);
    new StreamFiles(files).write(quiet, Map.of(FILE, content));
  }

  /** What was before, if {@code present} is what pgseal made of it. */
  Optional<Before> of(PostgresSession session, String present) {
    return files
        .readIfExists(session, path(session))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .flatMap(StreamOrigin::parse)
        .filter(before -> before.written().contains(digest(present)));
  }

  private static Optional<Before> parse(String content) {
    String[] lines = content.split("\n", LINES_BEFORE_TEXT + 1);
    if (lines.length <= LINES_BEFORE_TEXT || !lines[0].equals(HEAD)) {
      return Optional.empty();
    }
    return Optional.of(
        new Before(
            Set.copyOf(List.of(lines[1].split(" "))),
            lines[2].equals("present") ? lines[3] : null));
  }

  private static String digest(String text) {
    return Fingerprints.sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String path(PostgresSession session) {
    return StreamFiles.directory(session) + "/" + FILE;
  }
}
