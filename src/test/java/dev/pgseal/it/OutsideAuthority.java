package dev.pgseal.it;

import dev.pgseal.certificate.KeyMaterial;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/** A CA that knows nothing of pgseal: what a company has. */
final class OutsideAuthority {

  private OutsideAuthority() {}

  static X509Certificate selfSigned(KeyMaterial key, String commonName) {
    X500Name name = new X500Name("CN=" + commonName);
    SubjectPublicKeyInfo own = SubjectPublicKeyInfo.getInstance(key.publicKey().getEncoded());
    return sign(name, name, own, own, key, KeyUsage.keyCertSign | KeyUsage.cRLSign);
  }

  static X509Certificate withoutCrlSign(KeyMaterial key, String commonName) {
    X500Name name = new X500Name("CN=" + commonName);
    SubjectPublicKeyInfo own = SubjectPublicKeyInfo.getInstance(key.publicKey().getEncoded());
    return sign(name, name, own, own, key, KeyUsage.keyCertSign);
  }

  /** An authority's certificate for whoever made the request. */
  static X509Certificate sign(X509Certificate issuer, KeyMaterial issuerKey, String csrPem) {
    try (PEMParser parser = new PEMParser(new StringReader(csrPem))) {
      PKCS10CertificationRequest request = (PKCS10CertificationRequest) parser.readObject();
      return sign(
          X500Name.getInstance(issuer.getSubjectX500Principal().getEncoded()),
          request.getSubject(),
          SubjectPublicKeyInfo.getInstance(issuer.getPublicKey().getEncoded()),
          request.getSubjectPublicKeyInfo(),
          issuerKey,
          KeyUsage.keyCertSign | KeyUsage.cRLSign);
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static X509Certificate sign(
      X500Name issuer,
      X500Name subject,
      SubjectPublicKeyInfo issuerKey,
      SubjectPublicKeyInfo subjectKey,
      KeyMaterial signer,
      int usage) {
    try {
      Instant now = Instant.now();
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      X509v3CertificateBuilder builder =
          new X509v3CertificateBuilder(
              issuer,
              new BigInteger(120, new SecureRandom()).add(BigInteger.ONE),
              Date.from(now.minus(Duration.ofMinutes(5))),
              Date.from(now.plus(Duration.ofDays(30))),
              subject,
              subjectKey);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          identifiers.createSubjectKeyIdentifier(subjectKey));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          identifiers.createAuthorityKeyIdentifier(issuerKey));
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(signer.privateKey())));
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }
}
