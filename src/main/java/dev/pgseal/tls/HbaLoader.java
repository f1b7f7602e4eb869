package dev.pgseal.tls;

import dev.pgseal.hba.HbaDialect;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.postgres.HbaFile;
import dev.pgseal.postgres.HbaOnDisk;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFiles;
import jakarta.enterprise.context.ApplicationScoped;

/** Reads a server's pg_hba.conf with all files that it refers to. */
@ApplicationScoped
public class HbaLoader {

  private final HbaFile hbaFile;
  private final ServerFiles files;

  public HbaLoader(HbaFile hbaFile, ServerFiles files) {
    this.hbaFile = hbaFile;
    this.files = files;
  }

  /** The main file as it lies there, and the whole tree as rules. */
  public record Loaded(HbaOnDisk onDisk, HbaDocument document, int postgresMajor) {}

  public Loaded load(PostgresSession session) {
    HbaOnDisk onDisk = hbaFile.read(session);
    return new Loaded(onDisk, parse(session, onDisk, onDisk.content()), session.major());
  }

  /** The same as a server reads it of which more is known than its version. */
  HbaDocument load(PostgresSession session, HbaDialect dialect) {
    HbaOnDisk onDisk = hbaFile.read(session);
    return parse(session, onDisk, onDisk.content(), dialect);
  }

  /** The same tree with another main file. */
  public HbaDocument withContent(PostgresSession session, Loaded loaded, byte[] content) {
    return parse(session, loaded.onDisk(), content);
  }

  private HbaDocument parse(PostgresSession session, HbaOnDisk onDisk, byte[] content) {
    return parse(session, onDisk, content, HbaDialect.of(session.major()));
  }

  private HbaDocument parse(
      PostgresSession session, HbaOnDisk onDisk, byte[] content, HbaDialect dialect) {
    return HbaDocument.parse(
        onDisk.path(), new ServerHbaFiles(session, files, onDisk.path(), content), dialect);
  }
}
