package dev.pgseal.tls;

import dev.pgseal.postgres.FileMode;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFiles;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What pgseal keeps on a standby for its stream, in {@code <data_directory>/pgseal/trust}. */
final class StreamFiles {

  /** What the standby verifies its upstream with. */
  static final String TRUST = "primary.crt";

  /** The replication password. */
  static final String PASSWORD = "primary.pass";

  private static final List<String> NAMES = List.of(TRUST, PASSWORD, StreamOrigin.FILE);

  private final ServerFiles files;

  StreamFiles(ServerFiles files) {
    this.files = files;
  }

  static String directory(PostgresSession session) {
    return CertificateFiles.base(session) + "/trust";
  }

  /** All of them with their content, the password among them. */
  Map<String, String> read(PostgresSession session) {
    Map<String, String> present = new LinkedHashMap<>();
    for (String name : NAMES) {
      files
          .readIfExists(session, directory(session) + "/" + name)
          .ifPresent(bytes -> present.put(name, new String(bytes, StandardCharsets.UTF_8)));
    }
    return present;
  }

  /**
   * @param session quiet, where a password is among them
   */
  void write(PostgresSession session, Map<String, String> contents) {
    if (contents.isEmpty()) {
      return;
    }
    String directory = directory(session);
    files.createDirectory(session, directory);
    contents.forEach(
        (name, content) ->
            files.replace(
                session,
                directory + "/" + name,
                content.getBytes(StandardCharsets.UTF_8),
                FileMode.OWNER_ONLY));
  }

  /** Removes those that are not to stay, and the directory with the last of them. */
  void keepOnly(PostgresSession session, Map<String, String> contents) {
    String directory = directory(session);
    if (contents.isEmpty()) {
      files.removeTree(session, directory);
      return;
    }
    for (String name : NAMES) {
      if (!contents.containsKey(name)) {
        files.removeTree(session, directory + "/" + name);
      }
    }
  }
}
