package dev.pgseal.postgres;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server is and what our role may do there.
 *
 * @param version such as {@code 15.18 (Debian 15.18-0+deb12u1)}
 * @param inRecovery a standby
 * @param systemIdentifier the same on a primary and all its physical standbys; null when our role
 *     may not see it
 * @param role as which statements run
 * @param memberships predefined roles ({@code pg_…}) whose rights it has, directly or not
 * @param missingPrivileges statements that a superuser can paste to grant what pgseal needs and the
 *     role lacks; empty for a superuser
 * @param sslLibrary {@code OpenSSL}; empty for a build without SSL
 * @param dataDirectory null when our role may not see it, as {@code hbaFile} and {@code configFile}
 * @param managedBy what else owns the configuration files, such as {@code Patroni}; null when
 *     nothing points to it
 */
public record ServerFacts(
    String version,
    int major,
    boolean inRecovery,
    @Nullable String systemIdentifier,
    String role,
    boolean superuser,
    List<String> memberships,
    List<String> missingPrivileges,
    String sslLibrary,
    @Nullable String dataDirectory,
    @Nullable String hbaFile,
    @Nullable String configFile,
    @Nullable String managedBy) {

  public ServerFacts {
    memberships = List.copyOf(memberships);
    missingPrivileges = List.copyOf(missingPrivileges);
  }

  public boolean builtWithSsl() {
    return !sslLibrary.isEmpty();
  }
}
