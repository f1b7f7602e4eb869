package dev.pgseal.certificate;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What an authority may issue.
 *
 * @param maxValidity longest validity of a certificate that is not an authority's
 * @param keyTypes kinds of key it certifies; empty for every one that is strong enough
 * @param permittedNames DNS domains ({@code example.com} with all below it) and address ranges
 *     ({@code 10.0.0.0/8}); empty for any name. When there are some, a name of either kind must lie
 *     within one of them
 */
public record AuthorityPolicy(
    Duration maxValidity, Set<KeyType> keyTypes, List<String> permittedNames) {

  /** The longest that Apple's clients accept of a private authority (support.apple.com/103769). */
  public static final Duration DEFAULT_MAX_VALIDITY = Duration.ofDays(825);

  public static final AuthorityPolicy DEFAULT =
      new AuthorityPolicy(DEFAULT_MAX_VALIDITY, Set.of(), List.of());

  public AuthorityPolicy {
    keyTypes = Set.copyOf(keyTypes);
    permittedNames = List.copyOf(permittedNames);
    Validity.requireAtLeast(maxValidity, ServerCertificateRequest.MIN_VALIDITY);
    permittedNames.forEach(PermittedName::parse);
  }

  /**
   * @throws dev.pgseal.problem.PgsealException {@code VALIDATION_FAILED} for what no certificate
   *     can have, {@code POLICY_VIOLATION} for more than {@code maxValidity}
   */
  public void requireValidity(Duration validity) {
    Validity.requireAtLeast(validity, ServerCertificateRequest.MIN_VALIDITY);
    if (validity.compareTo(maxValidity) > 0) {
      throw CertificateProblems.againstPolicy(
          "A validity of %s is longer than the authority allows, %s"
              .formatted(validity, maxValidity));
    }
  }

  List<PermittedName> permitted() {
    return permittedNames.stream().map(PermittedName::parse).toList();
  }
}
