package dev.pgseal.certificate;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an authority is to be.
 *
 * @param commonName 1 to 64 visible characters
 * @param organization shown beside it, may be left out
 * @param keyType decides the signature algorithm of everything it issues; {@link KeyType#ED25519}
 *     only with {@link Acceptance#SIGNATURE_WITHOUT_CHANNEL_BINDING}
 * @param pathLength how many authorities may stand between it and a leaf (RFC 5280 §4.2.1.9); null
 *     for any number
 */
public record AuthorityProfile(
    String commonName,
    @Nullable String organization,
    KeyType keyType,
    Duration validity,
    @Nullable Integer pathLength,
    AuthorityPolicy policy,
    Set<Acceptance> accepted) {

  public static final Duration DEFAULT_VALIDITY = Duration.ofDays(3650);
  public static final Duration MIN_VALIDITY = Duration.ofMinutes(1);
  private static final int MAX_PATH_LENGTH = 8;

  public AuthorityProfile {
    DistinguishedName.requireText("common name", commonName);
    if (organization != null) {
      DistinguishedName.requireText("organization", organization);
    }
    if (pathLength != null && (pathLength < 0 || pathLength > MAX_PATH_LENGTH)) {
      throw CertificateProblems.malformed("The path length is 0 to " + MAX_PATH_LENGTH);
    }
    Validity.requireAtLeast(validity, MIN_VALIDITY);
    accepted = Set.copyOf(accepted);
    SignatureRules.requireBindable(keyType, accepted);
  }

  /** ECDSA P-256, ten years, any path length, the default policy. */
  public static AuthorityProfile of(String commonName) {
    return of(commonName, KeyType.DEFAULT, DEFAULT_VALIDITY);
  }

  public static AuthorityProfile of(String commonName, KeyType keyType, Duration validity) {
    return new AuthorityProfile(
        commonName, null, keyType, validity, null, AuthorityPolicy.DEFAULT, Set.of());
  }

  public AuthorityProfile withOrganization(String organization) {
    return new AuthorityProfile(
        commonName, organization, keyType, validity, pathLength, policy, accepted);
  }

  public AuthorityProfile withPathLength(int pathLength) {
    return new AuthorityProfile(
        commonName, organization, keyType, validity, pathLength, policy, accepted);
  }

  public AuthorityProfile withPolicy(AuthorityPolicy policy) {
    return new AuthorityProfile(
        commonName, organization, keyType, validity, pathLength, policy, accepted);
  }
}
