package dev.pgseal.tls;

import dev.pgseal.hba.HbaDialect;
import dev.pgseal.hba.IdentDocument;
import dev.pgseal.postgres.HbaOnDisk;
import dev.pgseal.postgres.IdentFile;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFiles;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.UnaryOperator;

/** Reads a server's pg_ident.conf and changes it, line by line or as a whole. */
@ApplicationScoped
public class IdentMaps {

  private final ServerAccess access;
  private final ServerChange changes;
  private final Preflight preflight;
  private final IdentFile file;
  private final ServerFiles files;

  public IdentMaps(
      ServerAccess access,
      ServerChange changes,
      Preflight preflight,
      IdentFile file,
      ServerFiles files) {
    this.access = access;
    this.changes = changes;
    this.preflight = preflight;
    this.file = file;
    this.files = files;
  }

  /** The main file as it lies there, and the whole tree as entries. */
  public record Loaded(HbaOnDisk onDisk, IdentDocument document) {}

  public Loaded read(ManagedServer server) {
    try (PostgresSession session = access.borrow(server)) {
      return load(session);
    }
  }

  private Loaded load(PostgresSession session) {
    HbaOnDisk onDisk = file.read(session);
    return new Loaded(onDisk, parse(session, onDisk, onDisk.content()));
  }

  private IdentDocument parse(PostgresSession session, HbaOnDisk onDisk, byte[] content) {
    return IdentDocument.parse(
        onDisk.path(),
        content,
        new ServerHbaFiles(session, files, onDisk.path(), content),
        HbaDialect.of(session.major()));
  }

  /**
   * @param expectedSha256 of the file that the caller read
   * @throws PgsealException {@code PRECONDITION_FAILED}, {@code IDENT_INVALID}
   */
  public Loaded replace(
      ManagedServer server, byte[] content, String expectedSha256, String caller) {
    return changes.run(
        server,
        caller,
        "PUT ident",
        change -> {
          HbaOnDisk present = file.read(change.session());
          return apply(change, parse(change.session(), present, content), expectedSha256);
        });
  }

  public Loaded edit(
      ManagedServer server,
      UnaryOperator<IdentDocument> edit,
      String expectedSha256,
      String caller) {
    return changes.run(
        server,
        caller,
        "edit ident",
        change -> apply(change, edit.apply(load(change.session()).document()), expectedSha256));
  }

  private Loaded apply(ServerUnderChange change, IdentDocument wanted, String expectedSha256) {
    preflight.forReload(change.session());
    wanted.requireLoadable();
    file.replace(change.session(), wanted.bytes(), expectedSha256);
    change.reload();
    try (PostgresSession fresh = change.fresh()) {
      return load(fresh);
    }
  }
}
