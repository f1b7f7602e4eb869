package dev.pgseal.tls;

import dev.pgseal.hba.HbaDialect;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaFileReader;
import dev.pgseal.postgres.HbaFile;
import dev.pgseal.postgres.HbaOnDisk;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFiles;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a server's pg_hba.conf with all files that it refers to. */
@ApplicationScoped
public class HbaLoader {

  private final HbaFile hbaFile;
  private final ServerFiles files;

  public HbaLoader(HbaFile hbaFile, ServerFiles files) {
    this.hbaFile = hbaFile;
    this.files = files;
  }

  /**
   * @param onDisk the main file as it lies there
   * @param document the whole tree as rules; edits may reach into included files
   */
  public record Loaded(HbaOnDisk onDisk, HbaDocument document, int postgresMajor) {

    public HbaTree tree() {
      return HbaTree.of(document);
    }

    /** Stands for all bytes of all files: what a change must be of. */
    public String tag() {
      return tree().tag();
    }

    /**
     * @throws PgsealException {@code PRECONDITION_FAILED} unless this is what the caller read
     */
    void requireTag(String expected) {
      String present = tag();
      if (!present.equals(expected)) {
        throw new PgsealException(
                ProblemType.PRECONDITION_FAILED,
                "pg_hba.conf, or what it includes, is not what was read: it has changed meanwhile")
            .with("etag", present)
            .hint("GET …/hba again, look at the change, and send yours with the new ETag");
      }
    }
  }

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

  /** The tree with other files in their places. */
  HbaDocument withFiles(PostgresSession session, Loaded loaded, Map<String, byte[]> contents) {
    HbaFileReader onServer =
        new ServerHbaFiles(session, files, loaded.onDisk().path(), loaded.onDisk().content());
    return HbaDocument.parseEditable(
        loaded.onDisk().path(), new Overlay(contents, onServer), HbaDialect.of(session.major()));
  }

  private record Overlay(Map<String, byte[]> contents, HbaFileReader below)
      implements HbaFileReader {

    @Override
    public byte @Nullable [] read(String path) {
      byte[] content = contents.get(path);
      return content == null ? below.read(path) : content;
    }

    @Override
    public @Nullable List<String> list(String directory) {
      return below.list(directory);
    }
  }

  private HbaDocument parse(PostgresSession session, HbaOnDisk onDisk, byte[] content) {
    return parse(session, onDisk, content, HbaDialect.of(session.major()));
  }

  private HbaDocument parse(
      PostgresSession session, HbaOnDisk onDisk, byte[] content, HbaDialect dialect) {
    return HbaDocument.parseEditable(
        onDisk.path(), new ServerHbaFiles(session, files, onDisk.path(), content), dialect);
  }
}
