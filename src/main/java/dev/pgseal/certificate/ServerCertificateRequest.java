package dev.pgseal.certificate;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a server's certificate is to be.
 *
 * @param endpoints names and addresses that clients use, see {@link SubjectAltNames#of(List)}
 * @param validity from now on, at least {@link #MIN_VALIDITY}; never longer than the authority's
 *     own
 * @param keyType of the key that is made for it; a CSR brings its own
 * @param legacyIpNames IPv4 addresses also as dNSName, for libpq up to 14
 * @param accepted disadvantages the caller takes knowingly
 */
public record ServerCertificateRequest(
    List<String> endpoints,
    Duration validity,
    KeyType keyType,
    boolean legacyIpNames,
    Set<Acceptance> accepted) {

  public static final Duration DEFAULT_VALIDITY = Duration.ofDays(365);
  public static final Duration MIN_VALIDITY = Duration.ofSeconds(10);

  public ServerCertificateRequest {
    endpoints = List.copyOf(endpoints);
    accepted = Set.copyOf(accepted);
    Validity.requireAtLeast(validity, MIN_VALIDITY);
  }

  public ServerCertificateRequest(List<String> endpoints, Duration validity, KeyType keyType) {
    this(endpoints, validity, keyType, true, Set.of());
  }

  /** A year, ECDSA P-256. */
  public static ServerCertificateRequest of(String... endpoints) {
    return new ServerCertificateRequest(List.of(endpoints), DEFAULT_VALIDITY, KeyType.DEFAULT);
  }

  public SubjectAltNames names() {
    return SubjectAltNames.of(endpoints, legacyIpNames);
  }

  /** Without the text of addresses among the dNSNames, which no CA outside certifies. */
  public SubjectAltNames properNames() {
    return SubjectAltNames.of(endpoints, false);
  }
}
