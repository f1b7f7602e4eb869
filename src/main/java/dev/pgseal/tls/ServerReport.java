package dev.pgseal.tls;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server is and what our login may do there, as seen in a fresh session.
 *
 * @param version such as {@code 15.18 (Debian 15.18-0+deb12u1)}
 * @param inRecovery it is a standby
 * @param encrypted the session this was read in travelled inside TLS
 * @param missingPrivileges statements that a superuser can paste to grant what pgseal lacks
 * @param sslLibrary such as {@code OpenSSL}, empty for a build without SSL
 * @param dataDirectory null when our role may not see it, as {@code hbaFile}
 * @param systemIdentifier the same on a primary and its physical standbys; null when our role may
 *     not see it
 * @param warnings sentences on what will stand in the way later
 */
public record ServerReport(
    String version,
    int major,
    boolean inRecovery,
    boolean encrypted,
    boolean superuser,
    List<String> missingPrivileges,
    String sslLibrary,
    @Nullable String dataDirectory,
    @Nullable String hbaFile,
    @Nullable String systemIdentifier,
    List<String> warnings) {

  public ServerReport {
    missingPrivileges = List.copyOf(missingPrivileges);
    warnings = List.copyOf(warnings);
  }
}
