package dev.pgseal.certificate;

import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.InvalidKeySpecException;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/**
 * The one provider instance, never registered with {@link java.security.Security}: what the rest of
 * the process uses for TLS and hashing must not change because certificates are made here.
 */
final class BouncyCastle {

  static final Provider PROVIDER = new BouncyCastleProvider();
  static final SecureRandom RANDOM = new SecureRandom();

  private BouncyCastle() {}

  static PublicKey publicKey(SubjectPublicKeyInfo info) throws InvalidKeySpecException {
    try {
      return converter().getPublicKey(info);
    } catch (PEMException e) {
      throw new InvalidKeySpecException("public key cannot be decoded", e);
    }
  }

  static java.security.PrivateKey privateKey(PrivateKeyInfo info) throws InvalidKeySpecException {
    try {
      return converter().getPrivateKey(info);
    } catch (PEMException e) {
      throw new InvalidKeySpecException("private key cannot be decoded", e);
    }
  }

  private static JcaPEMKeyConverter converter() {
    return new JcaPEMKeyConverter().setProvider(PROVIDER);
  }
}
