package dev.pgseal.tls;

import dev.pgseal.postgres.FileMode;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.Replication;
import dev.pgseal.postgres.ServerFiles;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a standby trusts when it verifies its primary ({@code sslrootcert} in {@code
 * primary_conninfo}). libpq reads that file at every connection, so a stream that runs goes on.
 */
@ApplicationScoped
public class StreamTrust {

  private final ReplicationTls replication;
  private final Replication postgres;
  private final ServerFiles files;

  public StreamTrust(ReplicationTls replication, Replication postgres, ServerFiles files) {
    this.replication = replication;
    this.postgres = postgres;
    this.files = files;
  }

  /**
   * @param file content of the trust file, null when it was not there
   */
  public record Undo(@Nullable String file, ReplicationTls.Undo conninfo) {}

  /** The standby verifies the certificate of its primary. */
  public boolean verifies(PostgresSession standby) {
    return postgres
        .primaryConninfo(standby)
        .filter(text -> !text.isBlank())
        .flatMap(text -> PrimaryConninfo.parse(text).get("sslmode"))
        .filter(mode -> mode.startsWith("verify-"))
        .isPresent();
  }

  public Undo prepareUndo(PostgresSession standby) {
    return new Undo(trusted(standby).orElse(null), replication.prepareUndo(standby));
  }

  /** PEM of what it trusts; empty without a file of ours. */
  public Optional<String> trusted(PostgresSession standby) {
    return files
        .readIfExists(standby, ReplicationTls.trustFile(standby))
        .map(bytes -> new String(bytes, StandardCharsets.US_ASCII));
  }

  /**
   * @param bundle PEM
   * @throws dev.pgseal.problem.PgsealException {@code CERTIFICATE_NOT_SERVED} when the primary's
   *     certificate does not chain to it
   */
  public ReplicationTls.Secured trust(
      ServerUnderChange standby, ManagedServer primary, String bundle) {
    return replication.secure(standby, primary, bundle);
  }

  /**
   * File and primary_conninfo as before; the stream is not touched unless the latter has changed.
   */
  public void undo(ServerUnderChange standby, ManagedServer primary, Undo undo) {
    if (undo.file() != null) {
      files.replace(
          standby.session(),
          ReplicationTls.trustFile(standby.session()),
          undo.file().getBytes(StandardCharsets.US_ASCII),
          FileMode.OWNER_ONLY);
    }
    if (!replication.prepareUndo(standby.session()).sameString(undo.conninfo())) {
      replication.undo(standby, primary, undo.conninfo());
    }
  }
}
