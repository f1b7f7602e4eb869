package dev.pgseal.certificate;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfoBuilder;

/** Keys under a passphrase, for carrying them to where they are used. */
final class KeyEncryption {

  /** OWASP's advice for PBKDF2-HMAC-SHA256 (2023); a quarter of a second here. */
  private static final int ITERATIONS = 600_000;

  private static final int MIN_PASSPHRASE = 8;

  private KeyEncryption() {}

  /** PKCS#8 under PBES2 (PBKDF2-HMAC-SHA256, AES-256-CBC), which OpenSSL 1.0.2 and later read. */
  static byte[] pkcs8Pem(PrivateKeyInfo key, char[] passphrase) {
    requirePassphrase(passphrase);
    try {
      byte[] der =
          new PKCS8EncryptedPrivateKeyInfoBuilder(key)
              .build(
                  new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                      .setProvider(BouncyCastle.PROVIDER)
                      .setRandom(BouncyCastle.RANDOM)
                      .setPRF(new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256))
                      .setIterationCount(ITERATIONS)
                      .setPassword(passphrase)
                      .build())
              .getEncoded();
      return Pem.encode("ENCRYPTED PRIVATE KEY", der);
    } catch (OperatorCreationException | IOException e) {
      throw new IllegalStateException("A private key cannot be encrypted"); // no cause: secret
    }
  }

  /** PKCS#12 as the JDK writes it, which OpenSSL 1.1.1, pgjdbc and npgsql read. */
  static byte[] pkcs12(
      KeyMaterial key, List<X509Certificate> chain, String alias, char[] passphrase) {
    requirePassphrase(passphrase);
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(alias, key.privateKey(), passphrase, chain.toArray(Certificate[]::new));
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      store.store(content, passphrase);
      return content.toByteArray();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("A PKCS#12 file cannot be made"); // no cause: secret
    }
  }

  private static void requirePassphrase(char[] passphrase) {
    if (passphrase.length < MIN_PASSPHRASE || passphrase.length > 1024) {
      throw CertificateProblems.malformed("A passphrase has 8 to 1024 characters");
    }
  }
}
