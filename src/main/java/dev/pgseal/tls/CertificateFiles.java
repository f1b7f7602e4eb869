package dev.pgseal.tls;

import dev.pgseal.postgres.FileMode;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFiles;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Where certificates lie on a server: one directory per generation below {@code
 * <data_directory>/pgseal/certificates}, and a symbolic link {@code pgseal/current} to the one in
 * use.
 *
 * <p>The settings name files below the link and never move: renaming the link changes certificate
 * and key together, so that no reload ever sees the one without the other.
 */
@ApplicationScoped
public class CertificateFiles {

  static final String CERTIFICATE_SETTING = "pgseal/current/server.crt";
  static final String KEY_SETTING = "pgseal/current/server.key";

  private static final String GENERATIONS = "certificates";
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final ServerFiles files;
  private final Clock clock;

  public CertificateFiles(ServerFiles files, Clock clock) {
    this.files = files;
    this.clock = clock;
  }

  /** A name that was never used before, sorted by time. */
  public String newGeneration() {
    return NAME.format(clock.instant()) + "-" + UUID.randomUUID().toString().substring(0, 8);
  }

  /** The absolute path of the generation's directory, which is made (0700). */
  public String create(PostgresSession session, String generation) {
    String directory = directory(session, generation);
    files.createDirectory(session, directory);
    return directory;
  }

  public void writeCertificate(PostgresSession session, String generation, String chainPem) {
    files.replace(
        session,
        directory(session, generation) + "/server.crt",
        chainPem.getBytes(StandardCharsets.US_ASCII),
        FileMode.OWNER_ONLY);
  }

  /**
   * @param quiet a session that keeps statements and parameters out of logs and views
   */
  public void writeKey(PostgresSession quiet, String generation, byte[] keyPem) {
    files.replace(quiet, directory(quiet, generation) + "/server.key", keyPem, FileMode.OWNER_ONLY);
  }

  /** Points {@code current} at the generation; takes effect with the next reload. */
  public void activate(PostgresSession session, String generation) {
    files.switchSymlink(session, link(session), GENERATIONS + "/" + generation);
  }

  /** The generation that {@code current} points at. */
  public Optional<String> active(PostgresSession session) {
    // to read a link needs a process on the server; mostly there is none yet
    if (!names(session, base(session)).contains("current")) {
      return Optional.empty();
    }
    return files
        .readSymlink(session, link(session))
        .map(target -> target.substring(target.lastIndexOf('/') + 1));
  }

  /** Takes {@code current} away. */
  public void deactivate(PostgresSession session) {
    files.removeTree(session, link(session));
  }

  boolean exists(PostgresSession session, String generation) {
    return generations(session).contains(generation);
  }

  /** Removes all generations, keys included, but those to keep. */
  public void prune(PostgresSession session, Set<String> keep) {
    generations(session).stream()
        .filter(name -> !keep.contains(name))
        .forEach(name -> remove(session, name));
  }

  private static List<String> generations(PostgresSession session) {
    return names(session, base(session) + "/" + GENERATIONS);
  }

  private static List<String> names(PostgresSession session, String directory) {
    return session.query(
        "SELECT name FROM pg_ls_dir(?, true, false) AS name ORDER BY name",
        row -> row.getString(1),
        directory);
  }

  /** Removes one generation, its key included. */
  public void remove(PostgresSession session, String generation) {
    files.removeTree(session, directory(session, generation));
  }

  String directory(PostgresSession session, String generation) {
    return base(session) + "/" + GENERATIONS + "/" + generation;
  }

  private static String link(PostgresSession session) {
    return base(session) + "/current";
  }

  static String base(PostgresSession session) {
    return session
            .queryOne("SELECT current_setting('data_directory')", row -> row.getString(1))
            .orElseThrow()
        + "/pgseal";
  }
}
