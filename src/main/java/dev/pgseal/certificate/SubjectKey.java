package dev.pgseal.certificate;

import java.io.IOException;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/**
 * What kind of public key this is and whether it is good enough, read from its encoding alone:
 * nothing is computed with a key before it was judged, since a modulus of a million bits or curve
 * parameters of somebody's own are a cheap way to keep a server busy.
 *
 * @param description such as {@code RSA 2048}, {@code EC P-256}, {@code Ed25519}
 * @param weakness why the key is refused, null when it is good
 */
record SubjectKey(Algorithm algorithm, String description, @Nullable String weakness) {

  enum Algorithm {
    RSA,
    EC,
    EDDSA,
    OTHER
  }

  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 8192;

  private static final Map<ASN1ObjectIdentifier, String> CURVES =
      Map.of(
          SECObjectIdentifiers.secp256r1, "P-256",
          SECObjectIdentifiers.secp384r1, "P-384",
          SECObjectIdentifiers.secp521r1, "P-521");

  /** Never throws: what cannot be read is {@link Algorithm#OTHER} with a weakness. */
  static SubjectKey of(SubjectPublicKeyInfo info) {
    ASN1ObjectIdentifier oid = info.getAlgorithm().getAlgorithm();
    if (oid.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      return rsa(info);
    }
    if (oid.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      return ec(info.getAlgorithm().getParameters());
    }
    if (oid.equals(EdECObjectIdentifiers.id_Ed25519)) {
      return new SubjectKey(Algorithm.EDDSA, "Ed25519", null);
    }
    if (oid.equals(EdECObjectIdentifiers.id_Ed448)) {
      return new SubjectKey(Algorithm.EDDSA, "Ed448", null);
    }
    return other("algorithm " + oid.getId());
  }

  private static SubjectKey rsa(SubjectPublicKeyInfo info) {
    RSAPublicKey key;
    try {
      key = RSAPublicKey.getInstance(info.parsePublicKey());
    } catch (IOException | RuntimeException e) {
      return other("an RSA key that cannot be decoded");
    }
    int bits = key.getModulus().bitLength();
    return new SubjectKey(Algorithm.RSA, "RSA " + bits, rsaWeakness(key, bits));
  }

  private static @Nullable String rsaWeakness(RSAPublicKey key, int bits) {
    if (bits < MIN_RSA_BITS) {
      return "RSA keys need at least " + MIN_RSA_BITS + " bits, this one has " + bits;
    }
    if (bits > MAX_RSA_BITS) {
      return "RSA keys may have at most " + MAX_RSA_BITS + " bits, this one has " + bits;
    }
    BigInteger exponent = key.getPublicExponent();
    if (!exponent.testBit(0) || exponent.bitLength() < 2 || exponent.bitLength() > 64) {
      return "the public exponent of the RSA key is not an odd number of 2 to 64 bits";
    }
    return null;
  }

  static SubjectKey of(PublicKey key) {
    return of(SubjectPublicKeyInfo.getInstance(key.getEncoded()));
  }

  /** From the encoding, since the JDK has no key object for algorithms it does not know. */
  static SubjectKey of(X509Certificate certificate) {
    return of(SubjectPublicKeyInfo.getInstance(certificate.getPublicKey().getEncoded()));
  }

  /** Judges the curve alone, before anything is computed on it. */
  static SubjectKey ec(@Nullable ASN1Encodable parameters) {
    if (parameters == null
        || !(parameters.toASN1Primitive() instanceof ASN1ObjectIdentifier curve)) {
      return new SubjectKey(
          Algorithm.EC, "EC", "the curve is given by explicit parameters, not by its name");
    }
    String name = CURVES.get(curve);
    if (name == null) {
      return new SubjectKey(
          Algorithm.EC,
          "EC " + curve.getId(),
          "TLS clients support the curves P-256, P-384 and P-521, this key is on " + curve.getId());
    }
    return new SubjectKey(Algorithm.EC, "EC " + name, null);
  }

  private static SubjectKey other(String what) {
    return new SubjectKey(
        Algorithm.OTHER,
        what,
        "only RSA, ECDSA, Ed25519 and Ed448 keys are supported, not " + what);
  }
}
