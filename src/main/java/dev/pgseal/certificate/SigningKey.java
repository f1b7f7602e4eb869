package dev.pgseal.certificate;

import java.security.PrivateKey;
import java.security.PublicKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Who signs: the issuer's name, its key and the key identifier that its own certificate carries
 * (RFC 5280 §4.2.1.1: the AKI repeats the issuer's SKI, however that was made).
 */
record SigningKey(X500Name name, AuthorityKeyIdentifier identifier, KeyMaterial key) {

  ContentSigner signer() {
    return signer(key.privateKey(), algorithm(key.publicKey()));
  }

  static ContentSigner signer(PrivateKey key, String algorithm) {
    try {
      return new JcaContentSignerBuilder(algorithm)
          .setProvider(BouncyCastle.PROVIDER)
          .setSecureRandom(BouncyCastle.RANDOM)
          .build(key);
    } catch (OperatorCreationException e) {
      throw new IllegalStateException("Bouncy Castle cannot sign with " + algorithm, e);
    }
  }

  /** JCA signature algorithm for a key, with a hash as strong as the key. */
  static String algorithm(PublicKey key) {
    SubjectKey kind = SubjectKey.of(key);
    return switch (kind.algorithm()) {
      case RSA -> "SHA256withRSA";
      case EDDSA -> kind.description();
      case EC ->
          switch (kind.description()) {
            case "EC P-384" -> "SHA384withECDSA";
            case "EC P-521" -> "SHA512withECDSA";
            default -> "SHA256withECDSA";
          };
      case OTHER -> throw CertificateProblems.invalid("No signature with " + kind.description());
    };
  }
}
