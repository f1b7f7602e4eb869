package dev.pgseal.certificate;

import java.security.cert.X509Certificate;
import java.util.Set;

/** What a certificate's signature algorithm means for those who check it. */
enum SignatureKind {
  /** Names a hash of its own, so {@code tls-server-end-point} is defined for it (RFC 5929 §4.1). */
  BINDABLE,
  /** Sound, but channel binding is undefined or unsupported in clients. */
  WITHOUT_CHANNEL_BINDING,
  /** MD2, MD5 or SHA-1: forgeable, refused by clients. */
  BROKEN,
  /** Nothing that PostgreSQL clients are known to support. */
  UNSUPPORTED;

  private static final String RSA = "1.2.840.113549.1.1.";
  private static final String ECDSA_SHA2 = "1.2.840.10045.4.3.";

  private static final Set<String> BROKEN_OIDS =
      Set.of(
          RSA + "2", // md2WithRSAEncryption
          RSA + "3", // md4WithRSAEncryption
          RSA + "4", // md5WithRSAEncryption
          RSA + "5", // sha1WithRSAEncryption
          "1.3.14.3.2.29", // sha1WithRSASignature
          "1.2.840.10040.4.3", // dsa-with-sha1
          "1.2.840.10045.4.1"); // ecdsa-with-SHA1
  private static final Set<String> BINDABLE_OIDS =
      Set.of(
          RSA + "11", RSA + "12", RSA + "13", ECDSA_SHA2 + "2", ECDSA_SHA2 + "3", ECDSA_SHA2 + "4");
  private static final Set<String> UNBINDABLE_OIDS =
      Set.of(
          RSA + "10", // id-RSASSA-PSS
          "1.3.101.112", // id-Ed25519
          "1.3.101.113"); // id-Ed448

  static SignatureKind of(X509Certificate certificate) {
    String oid = certificate.getSigAlgOID();
    if (BINDABLE_OIDS.contains(oid)) {
      return BINDABLE;
    }
    if (UNBINDABLE_OIDS.contains(oid)) {
      return WITHOUT_CHANNEL_BINDING;
    }
    return BROKEN_OIDS.contains(oid) ? BROKEN : UNSUPPORTED;
  }
}
