package dev.pgseal.tls;

import dev.pgseal.postgres.ServerConnection;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Whose certificate a session came with. {@code pg_stat_ssl.issuer_dn} is OpenSSL's one-line form
 * (be-secure-openssl.c: X509_NAME_to_cstring), of which the commonName is compared.
 */
final class ClientIssuer {

  private ClientIssuer() {}

  /** Empty when it has none. */
  static String commonName(X509Certificate certificate) {
    try {
      for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (rdn.getType().equalsIgnoreCase("CN")) {
          return String.valueOf(rdn.getValue());
        }
      }
    } catch (InvalidNameException e) {
      return "";
    }
    return "";
  }

  static boolean isAmong(ServerConnection connection, List<String> commonNames) {
    String issuer = connection.issuerDn();
    return issuer != null
        && commonNames.stream()
            .anyMatch(
                name ->
                    issuer.endsWith("/CN=" + name)
                        || issuer.contains("/CN=" + name + "/")
                        || issuer.equals("CN=" + name));
  }
}
