package dev.pgseal.it;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A CA for the API's own certificate and those of its clients. */
final class ApiPki {

  private final X500Name name;
  private final KeyPair key = newKey();
  private final X509Certificate certificate;

  ApiPki(String commonName) {
    name = new X500Name("CN=" + commonName);
    certificate = sign(name, key, null, true);
  }

  /** A certificate with its key. */
  record Identity(X509Certificate certificate, PrivateKey privateKey) {

    String certificatePem() {
      return pem(certificate);
    }

    String keyPem() {
      try {
        return pem(new JcaPKCS8Generator(privateKey, null));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    BigInteger serial() {
      return certificate.getSerialNumber();
    }
  }

  String certificatePem() {
    return pem(certificate);
  }

  /** For the API on loopback. */
  Identity server() {
    return issue("CN=localhost", new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
  }

  Identity client(String subject) {
    return issue(subject, null);
  }

  Identity clientWithUri(String subject, String uri) {
    return issue(subject, new GeneralName(GeneralName.uniformResourceIdentifier, uri));
  }

  private Identity issue(String subject, GeneralName san) {
    KeyPair own = newKey();
    // RFC 2253 begins with the last part of the name, Bouncy Castle with the first
    X500Name name = X500Name.getInstance(new X500Principal(subject).getEncoded());
    return new Identity(sign(name, own, san, false), own.getPrivate());
  }

  private X509Certificate sign(X500Name subject, KeyPair own, GeneralName san, boolean authority) {
    try {
      Instant now = Instant.now();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name,
              new BigInteger(120, new SecureRandom()).add(BigInteger.ONE),
              Date.from(now.minus(Duration.ofMinutes(5))),
              Date.from(now.plus(Duration.ofDays(1))),
              subject,
              own.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      if (san != null) {
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(san));
      }
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer()));
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private ContentSigner signer() throws OperatorCreationException {
    return new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate());
  }

  /** A CRL, PEM. */
  String revoking(Identity... revoked) {
    Date now = Date.from(Instant.now());
    X509v2CRLBuilder builder = new X509v2CRLBuilder(name, now);
    builder.setNextUpdate(Date.from(Instant.now().plus(Duration.ofDays(1))));
    for (Identity each : revoked) {
      builder.addCRLEntry(each.serial(), now, CRLReason.keyCompromise);
    }
    try {
      return pem(builder.build(signer()));
    } catch (OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(Object object) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return text.toString();
  }

  static SSLContext trustAnybody() {
    return context(null);
  }

  /**
   * @param client sent whatever authorities the server names; null for none
   */
  static SSLContext context(Identity client) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          client == null ? null : new KeyManager[] {new OneIdentity(client)},
          new TrustManager[] {new Anybody()},
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class OneIdentity extends X509ExtendedKeyManager {
    private static final String ALIAS = "own";
    private final Identity identity;

    OneIdentity(Identity identity) {
      this.identity = identity;
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
      return ALIAS;
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return ALIAS;
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[0];
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return new X509Certificate[] {identity.certificate()};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return identity.privateKey();
    }
  }

  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
