package dev.pgseal.certificate;

import java.math.BigInteger;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.misc.MiscObjectIdentifiers;
import org.bouncycastle.asn1.misc.ScryptParams;
import org.bouncycastle.asn1.pkcs.PBEParameter;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCS12PBEParams;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/**
 * Bounds the work that a password based encryption asks of whoever decrypts it: the iteration count
 * is chosen by the sender, and two thousand million of them would keep a thread for an hour.
 */
final class PasswordCost {

  /** Above what any tool writes (OpenSSL 2,048; OWASP's advice for PBKDF2 is up to 1,300,000). */
  static final BigInteger MAX_ITERATIONS = BigInteger.valueOf(2_000_000);

  private static final BigInteger MAX_SCRYPT_BYTES = BigInteger.valueOf(64L << 20);
  private static final BigInteger MAX_SCRYPT_PARALLEL = BigInteger.valueOf(16);

  private PasswordCost() {}

  static void requireBounded(AlgorithmIdentifier encryption) {
    ASN1ObjectIdentifier oid = encryption.getAlgorithm();
    ASN1Encodable parameters = encryption.getParameters();
    if (oid.equals(PKCSObjectIdentifiers.id_PBES2)) {
      AlgorithmIdentifier derivation =
          AlgorithmIdentifier.getInstance(
              PBES2Parameters.getInstance(parameters).getKeyDerivationFunc());
      requireBoundedDerivation(derivation);
    } else if (oid.on(PKCSObjectIdentifiers.pkcs_12PbeIds)) {
      requireBounded(PKCS12PBEParams.getInstance(parameters).getIterations());
    } else if (oid.on(PKCSObjectIdentifiers.pkcs_5)) {
      requireBounded(PBEParameter.getInstance(parameters).getIterationCount());
    } else {
      throw CertificateProblems.invalid("The password based encryption is of an unknown kind");
    }
  }

  private static void requireBoundedDerivation(AlgorithmIdentifier derivation) {
    if (derivation.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBKDF2)) {
      requireBounded(PBKDF2Params.getInstance(derivation.getParameters()).getIterationCount());
    } else if (derivation.getAlgorithm().equals(MiscObjectIdentifiers.id_scrypt)) {
      ScryptParams scrypt = ScryptParams.getInstance(derivation.getParameters());
      BigInteger bytes =
          scrypt
              .getCostParameter()
              .multiply(scrypt.getBlockSize())
              .multiply(BigInteger.valueOf(128));
      requireAtMost(bytes.max(scrypt.getBlockSize()), MAX_SCRYPT_BYTES);
      requireAtMost(scrypt.getParallelizationParameter(), MAX_SCRYPT_PARALLEL);
    } else {
      throw CertificateProblems.invalid("The key derivation is of an unknown kind");
    }
  }

  static void requireBounded(BigInteger iterations) {
    requireAtMost(iterations, MAX_ITERATIONS);
  }

  private static void requireAtMost(BigInteger value, BigInteger most) {
    if (value.signum() <= 0 || value.compareTo(most) > 0) {
      throw CertificateProblems.invalid("The password based encryption asks for too much work")
          .hint("Encrypt the key again with usual parameters: openssl pkcs8 -topk8 -v2 aes256");
    }
  }
}
