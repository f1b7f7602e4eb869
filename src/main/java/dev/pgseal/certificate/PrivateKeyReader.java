package dev.pgseal.certificate;

import dev.pgseal.problem.PgsealException;
import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.Ed448PrivateKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.jspecify.annotations.Nullable;

/** Turns a PRIVATE KEY block into a key whose public half was worked out and tried. */
final class PrivateKeyReader {

  private PrivateKeyReader() {}

  /** The causes of failures are dropped on purpose: a parser may repeat bytes of the key. */
  static KeyMaterial read(PemBlock block, char @Nullable [] passphrase) {
    if (!DerDepth.isBounded(block.der())) {
      throw unreadable(block.where());
    }
    return material(decode(block, passphrase), block.where());
  }

  /** Checks a decoded key, whatever it was wrapped in, and completes it with its public half. */
  static KeyMaterial material(PrivateKeyInfo info, String where) {
    KeyMaterial key;
    try {
      AlgorithmIdentifier algorithm = info.getPrivateKeyAlgorithm();
      if (algorithm.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)) {
        requireStrong(SubjectKey.ec(algorithm.getParameters()));
      }
      SubjectPublicKeyInfo publicInfo = publicHalf(PrivateKeyFactory.createKey(info));
      requireStrong(SubjectKey.of(publicInfo));
      PublicKey publicKey = BouncyCastle.publicKey(publicInfo);
      key = new KeyMaterial(BouncyCastle.privateKey(info), publicKey);
    } catch (PgsealException e) {
      throw e;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      throw unreadable(where);
    }
    if (!key.isConsistent()) {
      throw CertificateProblems.invalid(
              "The numbers of the private key do not fit together: " + where)
          .hint("The key is damaged; check it with: openssl pkey -check -noout -in file");
    }
    return key;
  }

  private static void requireStrong(SubjectKey key) {
    if (key.weakness() != null) {
      throw CertificateProblems.invalid("The private key is refused: " + key.weakness());
    }
  }

  private static PrivateKeyInfo decode(PemBlock block, char @Nullable [] passphrase) {
    Object content;
    try (PEMParser parser = new PEMParser(new StringReader(block.text()))) {
      content = parser.readObject();
    } catch (IOException | RuntimeException e) {
      throw unreadable(block.where());
    }
    if (content instanceof PrivateKeyInfo info) {
      return info;
    }
    if (content instanceof PEMKeyPair pair) {
      return pair.getPrivateKeyInfo();
    }
    if (content instanceof PKCS8EncryptedPrivateKeyInfo || content instanceof PEMEncryptedKeyPair) {
      return decrypt(content, block, passphrase);
    }
    throw unreadable(block.where());
  }

  private static PrivateKeyInfo decrypt(
      Object content, PemBlock block, char @Nullable [] passphrase) {
    if (passphrase == null || passphrase.length == 0) {
      throw CertificateProblems.invalid("The private key is encrypted: " + block.where())
          .hint(
              "Send its passphrase along, or decrypt it first: openssl pkey -in file -out plain.pem."
                  + " The server gets it unencrypted, since PostgreSQL cannot reload a key that"
                  + " needs a passphrase.");
    }
    try {
      if (content instanceof PKCS8EncryptedPrivateKeyInfo encrypted) {
        new PasswordCost().spend(encrypted.toASN1Structure().getEncryptionAlgorithm());
        return encrypted.decryptPrivateKeyInfo(
            new JceOpenSSLPKCS8DecryptorProviderBuilder()
                .setProvider(BouncyCastle.PROVIDER)
                .build(passphrase));
      }
      return ((PEMEncryptedKeyPair) content)
          .decryptKeyPair(
              new JcePEMDecryptorProviderBuilder()
                  .setProvider(BouncyCastle.PROVIDER)
                  .build(passphrase))
          .getPrivateKeyInfo();
    } catch (PgsealException e) {
      throw e;
    } catch (IOException | OperatorCreationException | PKCSException | RuntimeException e) {
      throw CertificateProblems.invalid("The private key cannot be decrypted: " + block.where())
          .hint("The passphrase is wrong, or the encryption is of a kind that is not supported.");
    }
  }

  private static SubjectPublicKeyInfo publicHalf(AsymmetricKeyParameter key) throws IOException {
    return SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(publicParameters(key));
  }

  private static AsymmetricKeyParameter publicParameters(AsymmetricKeyParameter key)
      throws IOException {
    if (key instanceof RSAPrivateCrtKeyParameters rsa) {
      return new RSAKeyParameters(false, rsa.getModulus(), rsa.getPublicExponent());
    }
    if (key instanceof ECPrivateKeyParameters ec) {
      ECDomainParameters curve = ec.getParameters();
      return new ECPublicKeyParameters(
          new FixedPointCombMultiplier().multiply(curve.getG(), ec.getD()), curve);
    }
    if (key instanceof Ed25519PrivateKeyParameters ed) {
      return ed.generatePublicKey();
    }
    if (key instanceof Ed448PrivateKeyParameters ed) {
      return ed.generatePublicKey();
    }
    throw new IOException("no public half is known for this kind of key");
  }

  private static PgsealException unreadable(String where) {
    return CertificateProblems.invalid("Not a private key that can be read: " + where)
        .hint(
            "RSA, ECDSA and Ed25519 keys are read as PKCS#8, PKCS#1 or SEC1: openssl pkey -in file");
  }
}
