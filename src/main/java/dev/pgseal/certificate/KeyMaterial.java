package dev.pgseal.certificate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** A private key with its public half. Neither {@code toString} nor an error ever shows the key. */
public final class KeyMaterial {

  private final PrivateKey privateKey;
  private final PublicKey publicKey;

  KeyMaterial(PrivateKey privateKey, PublicKey publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
  }

  public PrivateKey privateKey() {
    return privateKey;
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  /** Unencrypted PKCS#8 as PEM in ASCII, LF; the caller may wipe the array. */
  public byte[] pkcs8Pem() {
    byte[] der = encoded(pkcs8());
    try {
      return Pem.encode("PRIVATE KEY", der);
    } finally {
      Arrays.fill(der, (byte) 0);
    }
  }

  /**
   * PKCS#8 encrypted with a passphrase of at least 8 characters, as PEM. For clients: PostgreSQL
   * itself could not reload such a key.
   */
  public byte[] encryptedPkcs8Pem(char[] passphrase) {
    return KeyEncryption.pkcs8Pem(pkcs8(), passphrase);
  }

  /**
   * A PKCS#12 file with the key and its certificates.
   *
   * @param chain leaf first, see {@link IssuedCertificate#chain()}
   * @param alias friendly name of the entry; pgjdbc looks for {@code user}
   */
  public byte[] pkcs12(List<X509Certificate> chain, String alias, char[] passphrase) {
    return KeyEncryption.pkcs12(this, chain, alias, passphrase);
  }

  /** Version 1 (RFC 5208): OpenSSL 1.1.1 cannot read the public key that version 2 may carry. */
  private PrivateKeyInfo pkcs8() {
    PrivateKeyInfo info = PrivateKeyInfo.getInstance(privateKey.getEncoded());
    try {
      return new PrivateKeyInfo(info.getPrivateKeyAlgorithm(), info.parsePrivateKey());
    } catch (IOException e) {
      throw new IllegalStateException("A private key cannot be encoded"); // no cause: it is secret
    }
  }

  private static byte[] encoded(PrivateKeyInfo info) {
    try {
      return info.getEncoded();
    } catch (IOException e) {
      throw new IllegalStateException("A private key cannot be encoded"); // no cause: it is secret
    }
  }

  /** Whether this is the key that the certificate was issued for. */
  public boolean matches(X509Certificate certificate) {
    return isFor(certificate, publicKey);
  }

  static boolean isFor(X509Certificate certificate, PublicKey key) {
    return info(key).equals(info(certificate.getPublicKey()));
  }

  /**
   * Whether the two halves belong together, tried by a signature: PostgreSQL compares public halves
   * only (SSL_CTX_check_private_key), so a damaged RSA key would load and then fail every
   * handshake.
   */
  boolean isConsistent() {
    byte[] challenge = "pgseal".getBytes(StandardCharsets.US_ASCII);
    String algorithm = SigningKey.algorithm(publicKey);
    try {
      Signature signer = Signature.getInstance(algorithm, BouncyCastle.PROVIDER);
      signer.initSign(privateKey, BouncyCastle.RANDOM);
      signer.update(challenge);
      byte[] signature = signer.sign();
      signer.initVerify(publicKey);
      signer.update(challenge);
      return signer.verify(signature);
    } catch (GeneralSecurityException | RuntimeException e) {
      return false; // arithmetic on damaged numbers fails in many ways, and all mean the same
    }
  }

  SubjectKey subjectKey() {
    return SubjectKey.of(publicKey);
  }

  static SubjectPublicKeyInfo info(PublicKey key) {
    return SubjectPublicKeyInfo.getInstance(key.getEncoded());
  }

  @Override
  public String toString() {
    return "KeyMaterial[" + subjectKey().description() + ", private key not shown]";
  }
}
