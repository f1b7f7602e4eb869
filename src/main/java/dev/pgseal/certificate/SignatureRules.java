package dev.pgseal.certificate;

import java.security.PublicKey;
import java.util.Set;

/**
 * Who may sign, with channel binding in mind (RFC 5929 §4.1; POSTGRES facts in {@link KeyType}).
 */
final class SignatureRules {

  static final String CURE =
      "Sign with an ECDSA or RSA (PKCS#1 v1.5) key, or accept SIGNATURE_WITHOUT_CHANNEL_BINDING when"
          + " every client sets channel_binding=disable.";

  private SignatureRules() {}

  static void requireBindable(KeyType signer, Set<Acceptance> accepted) {
    if (!signer.signsForChannelBinding()) {
      requireAccepted(accepted);
    }
  }

  static void requireBindable(PublicKey signer, Set<Acceptance> accepted) {
    if (SubjectKey.of(signer).algorithm() == SubjectKey.Algorithm.EDDSA) {
      requireAccepted(accepted);
    }
  }

  private static void requireAccepted(Set<Acceptance> accepted) {
    if (!accepted.contains(Acceptance.SIGNATURE_WITHOUT_CHANNEL_BINDING)) {
      throw CertificateProblems.invalid(
              "An Ed25519 or Ed448 signature names no hash for SCRAM channel binding: libpq with its"
                  + " defaults cannot log in (could not find digest for NID UNDEF)")
          .hint(CURE);
    }
  }
}
