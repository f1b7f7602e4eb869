package dev.pgseal.certificate;

import dev.pgseal.problem.PgsealException;
import java.math.BigInteger;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.misc.MiscObjectIdentifiers;
import org.bouncycastle.asn1.misc.ScryptParams;
import org.bouncycastle.asn1.pkcs.PBEParameter;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PBMAC1Params;
import org.bouncycastle.asn1.pkcs.PKCS12PBEParams;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/**
 * The work that one file may ask of whoever decrypts it. Iteration counts and memory are chosen by
 * the sender, and two thousand million rounds would keep a thread for an hour; a PKCS#12 file can
 * ask again for each of its parts, so there is one budget for all of them.
 */
final class PasswordCost {

  /** Far above what tools write: OpenSSL 2,048, the JDK 10,000, OWASP's advice 600,000. */
  private static final int MAX_ITERATIONS = 3_000_000;

  /** RFC 7914 §2 with N = 2^16, r = 8: 64 MiB. */
  private static final BigInteger MAX_SCRYPT_BYTES = BigInteger.valueOf(64L << 20);

  private static final BigInteger MAX_SCRYPT_PARALLEL = BigInteger.valueOf(4);

  private BigInteger iterationsLeft = BigInteger.valueOf(MAX_ITERATIONS);
  private int scryptsLeft = 2;

  /**
   * Takes what this password based encryption (or MAC) will cost, and refuses when it is too much.
   */
  void spend(AlgorithmIdentifier encryption) {
    ASN1ObjectIdentifier oid = encryption.getAlgorithm();
    ASN1Encodable parameters = encryption.getParameters();
    if (oid.equals(PKCSObjectIdentifiers.id_PBES2)) {
      spendDerivation(
          AlgorithmIdentifier.getInstance(
              PBES2Parameters.getInstance(parameters).getKeyDerivationFunc()));
    } else if (oid.equals(PKCSObjectIdentifiers.id_PBMAC1)) {
      spendDerivation(PBMAC1Params.getInstance(parameters).getKeyDerivationFunc());
    } else if (oid.on(PKCSObjectIdentifiers.pkcs_12PbeIds)) {
      spend(PKCS12PBEParams.getInstance(parameters).getIterations());
    } else if (oid.on(PKCSObjectIdentifiers.pkcs_5)) {
      spend(PBEParameter.getInstance(parameters).getIterationCount());
    } else {
      throw CertificateProblems.invalid("The password based encryption is of an unknown kind");
    }
  }

  void spend(BigInteger iterations) {
    requireAtMost(iterations, iterationsLeft);
    iterationsLeft = iterationsLeft.subtract(iterations);
  }

  private void spendDerivation(AlgorithmIdentifier derivation) {
    if (derivation.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBKDF2)) {
      PBKDF2Params parameters = PBKDF2Params.getInstance(derivation.getParameters());
      BigInteger length = parameters.getKeyLength();
      if (length != null) {
        requireAtMost(length, BigInteger.valueOf(64)); // each further block runs all rounds again
      }
      spend(parameters.getIterationCount());
    } else if (derivation.getAlgorithm().equals(MiscObjectIdentifiers.id_scrypt)) {
      spendScrypt(ScryptParams.getInstance(derivation.getParameters()));
    } else {
      throw CertificateProblems.invalid("The key derivation is of an unknown kind");
    }
  }

  private void spendScrypt(ScryptParams scrypt) {
    BigInteger bytes =
        scrypt.getCostParameter().multiply(scrypt.getBlockSize()).multiply(BigInteger.valueOf(128));
    requireAtMost(scrypt.getCostParameter(), MAX_SCRYPT_BYTES);
    requireAtMost(bytes, MAX_SCRYPT_BYTES);
    requireAtMost(scrypt.getParallelizationParameter(), MAX_SCRYPT_PARALLEL);
    if (scryptsLeft-- == 0) {
      throw tooMuch();
    }
  }

  private static void requireAtMost(BigInteger value, BigInteger most) {
    if (value.signum() <= 0 || value.compareTo(most) > 0) {
      throw tooMuch();
    }
  }

  private static PgsealException tooMuch() {
    return CertificateProblems.invalid("The password based encryption asks for too much work")
        .hint("Encrypt the key again with usual parameters: openssl pkcs8 -topk8 -v2 aes256");
  }
}
