package dev.pgseal.tls;

import dev.pgseal.postgres.PostgresSession;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps the password of a standby's {@code primary_conninfo} in a file beside the trust.
 *
 * <p>The postmaster logs the new value of every setting that a reload changes (guc.c:
 * ProcessConfigFileInternal), whatever the session that wrote it kept quiet about: so a password
 * leaves the string before the string changes. It comes back into the string with a release, see
 * {@link ConninfoChange}.
 */
final class PrimaryPassfile {

  private final StreamFiles files;

  PrimaryPassfile(StreamFiles files) {
    this.files = files;
  }

  /** The same string with {@code passfile} for {@code password}, whose file is written. */
  PrimaryConninfo keep(PostgresSession quiet, PrimaryConninfo conninfo) {
    Optional<String> password = conninfo.get("password");
    if (password.isEmpty()) {
      return conninfo;
    }
    files.write(quiet, Map.of(StreamFiles.PASSWORD, line(password.get())));
    return conninfo
        .without("password")
        .with("passfile", StreamFiles.directory(quiet) + "/" + StreamFiles.PASSWORD);
  }

  /** For any host, port, database and user (fe-connect.c:passwordFromFile). */
  private static String line(String password) {
    return "*:*:*:*:" + password.replace("\\", "\\\\").replace(":", "\\:") + "\n";
  }
}
