package dev.pgseal.tls;

import dev.pgseal.hba.HbaFileReader;
import dev.pgseal.hba.HbaText;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFiles;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of a server's hba tree over SQL, with a given text in place of the main one. */
final class ServerHbaFiles implements HbaFileReader {

  private final PostgresSession session;
  private final ServerFiles files;
  private final String mainPath;
  private final byte[] mainContent;

  ServerHbaFiles(PostgresSession session, ServerFiles files, String mainPath, byte[] mainContent) {
    this.session = session;
    this.files = files;
    this.mainPath = mainPath;
    this.mainContent = mainContent;
  }

  @Override
  public byte @Nullable [] read(String path) {
    if (path.equals(mainPath)) {
      return mainContent;
    }
    String readable = HbaText.toReadable(path);
    // the directories above an absent file are asked for too
    return isDirectory(readable) ? null : files.readIfExists(session, readable).orElse(null);
  }

  @Override
  public @Nullable List<String> list(String byteText) {
    String directory = HbaText.toReadable(byteText);
    return isDirectory(directory)
        ? session.query(
            "SELECT name FROM pg_ls_dir(?) AS name WHERE NOT (pg_stat_file(? || '/' ||"
                + " name)).isdir",
            row -> HbaText.ofReadable(row.getString(1)),
            directory,
            directory)
        : null;
  }

  private boolean isDirectory(String path) {
    return session
        .queryOne(
            "SELECT coalesce((pg_stat_file(?, true)).isdir, false)", row -> row.getBoolean(1), path)
        .orElse(false);
  }
}
