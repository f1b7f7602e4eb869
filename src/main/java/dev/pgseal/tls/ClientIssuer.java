package dev.pgseal.tls;

import dev.pgseal.postgres.ServerConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Whose certificate a session came with. {@code pg_stat_ssl.issuer_dn} holds at most 63 bytes of
 * the name (backend_status.h: {@code ssl_issuer_dn[NAMEDATALEN]}).
 */
final class ClientIssuer {

  private static final int SHOWN = 63;

  private ClientIssuer() {}

  /**
   * @param names as {@link dev.pgseal.certificate.SubjectLine} writes them
   */
  static boolean isAmong(ServerConnection connection, List<String> names) {
    String issuer = connection.issuerDn();
    return issuer != null && names.stream().anyMatch(name -> shows(issuer, name));
  }

  private static boolean shows(String issuer, String name) {
    boolean cut = issuer.getBytes(StandardCharsets.UTF_8).length >= SHOWN;
    return cut ? name.startsWith(issuer) : name.equals(issuer);
  }
}
