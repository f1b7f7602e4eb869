package dev.pgseal.tls;

import dev.pgseal.postgres.FileMode;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFiles;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Keeps the password of a standby's {@code primary_conninfo} in a file beside the trust.
 *
 * <p>The postmaster logs the new value of every setting that a reload changes (guc.c:
 * ProcessConfigFileInternal), whatever the session that wrote it kept quiet about: so a password
 * must have left the string before the string changes, and stays in the file afterwards.
 */
final class PrimaryPassfile {

  private final ServerFiles files;

  PrimaryPassfile(ServerFiles files) {
    this.files = files;
  }

  /** The same string with {@code passfile} for {@code password}, whose file is written. */
  PrimaryConninfo keep(ServerUnderChange standby, PrimaryConninfo conninfo) {
    Optional<String> password = conninfo.get("password");
    if (password.isEmpty()) {
      return conninfo;
    }
    PostgresSession session = standby.session();
    String directory = CertificateFiles.base(session) + ReplicationTls.TRUST;
    String file = directory + "/primary.pass";
    files.createDirectory(session, directory);
    files.replace(
        session, file, line(password.get()).getBytes(StandardCharsets.UTF_8), FileMode.OWNER_ONLY);
    return conninfo.without("password").with("passfile", file);
  }

  /** For any host, port, database and user (fe-connect.c:passwordFromFile). */
  private static String line(String password) {
    return "*:*:*:*:" + password.replace("\\", "\\\\").replace(":", "\\:") + "\n";
  }
}
