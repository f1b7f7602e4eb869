package dev.pgseal.issuing;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.KeyType;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that somebody asks for.
 *
 * @param authority the issuer's name
 * @param csrPem whose key it is for; null for a key that is made here
 * @param keyType of a key that is made here
 * @param validity null for a year, or for less when the authority's policy has less
 * @param requestedBy who asks
 */
public record CertificateOrder(
    String authority,
    Holder holder,
    @Nullable String csrPem,
    KeyType keyType,
    @Nullable Duration validity,
    Set<Acceptance> accepted,
    String requestedBy) {

  public CertificateOrder {
    accepted = Set.copyOf(accepted);
  }

  /** Whom the certificate is to identify. */
  public sealed interface Holder {

    /**
     * @param endpoints names and addresses that clients use
     * @param legacyIpNames IPv4 addresses also as dNSName, for libpq up to 14
     * @param serverId the managed server it is for, if it is for one
     */
    record Server(List<String> endpoints, boolean legacyIpNames, @Nullable UUID serverId)
        implements Holder {
      public Server {
        endpoints = List.copyOf(endpoints);
      }
    }

    /**
     * @param commonName the role it logs in as, or what pg_ident.conf maps to one
     */
    record Client(String commonName) implements Holder {}
  }
}
