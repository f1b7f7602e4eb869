package dev.pgseal.certificate;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Date;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.cert.X509v2CRLBuilder;

/**
 * A signed CRL (RFC 5280 §5) of one authority.
 *
 * <p>PostgreSQL checks with {@code X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL}
 * (be-secure-openssl.c:be_tls_init): {@code ssl_crl_file} must hold a current CRL of <em>every</em>
 * authority of the path, the root's among them, or every client certificate is refused. So is it
 * after {@link #nextUpdate()}.
 *
 * @param number grows with each CRL of the authority
 */
public record RevocationList(X509CRL crl, BigInteger number) {

  public static final Duration DEFAULT_LIFE = Duration.ofDays(7);

  static RevocationList sign(
      SigningKey issuer,
      BigInteger number,
      Collection<RevokedCertificate> revoked,
      Duration life,
      Clock clock) {
    if (number.signum() < 0 || number.bitLength() > 159) {
      throw CertificateProblems.malformed("A CRL number is positive and has at most 20 octets");
    }
    Validity.requireAtLeast(life, ServerCertificateRequest.MIN_VALIDITY);
    Validity validity = Validity.startingNow(clock, life);
    X509v2CRLBuilder builder = new X509v2CRLBuilder(issuer.name(), Date.from(validity.notBefore()));
    builder.setNextUpdate(Date.from(validity.notAfter()));
    try {
      for (RevokedCertificate entry : revoked) {
        add(builder, entry);
      }
      builder.addExtension(Extension.authorityKeyIdentifier, false, issuer.identifier());
      builder.addExtension(Extension.cRLNumber, false, new CRLNumber(number));
      return new RevocationList(decode(builder.build(issuer.signer()).getEncoded()), number);
    } catch (IOException e) {
      throw new IllegalStateException("A CRL cannot be encoded", e);
    }
  }

  /** Reads one that was kept. */
  public static RevocationList parse(byte[] der, long number) {
    return new RevocationList(decode(der), BigInteger.valueOf(number));
  }

  /** False for an authority that was brought along and whose keyUsage lacks cRLSign. */
  public static boolean canBeSignedBy(X509Certificate authority) {
    return AuthorityCertificates.mayCrlSign(authority);
  }

  public boolean revokes(BigInteger serialNumber) {
    return crl.getRevokedCertificate(serialNumber) != null;
  }

  /** The content of {@code ssl_crl_file}, or a part of it. */
  public String pem() {
    return new String(Pem.encode("X509 CRL", der()), StandardCharsets.US_ASCII);
  }

  /** As it is published over HTTP ({@code application/pkix-crl}, RFC 5280 §4.2.1.13). */
  public byte[] der() {
    try {
      return crl.getEncoded();
    } catch (CRLException e) {
      throw new IllegalStateException("A parsed CRL has no encoding", e);
    }
  }

  /** From then on whoever checks with it refuses everybody. */
  public Instant nextUpdate() {
    return crl.getNextUpdate().toInstant();
  }

  private static void add(X509v2CRLBuilder builder, RevokedCertificate entry) throws IOException {
    Date at = Date.from(entry.revokedAt().truncatedTo(ChronoUnit.SECONDS));
    if (entry.reason() == RevocationReason.UNSPECIFIED) {
      builder.addCRLEntry(entry.serialNumber(), at, 0); // no reason is written, RFC 5280 §5.3.1
      return;
    }
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    extensions.addExtension(Extension.reasonCode, false, CRLReason.lookup(entry.reason().code()));
    builder.addCRLEntry(entry.serialNumber(), at, extensions.generate());
  }

  private static X509CRL decode(byte[] der) {
    try {
      return (X509CRL)
          CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
    } catch (CertificateException | CRLException e) {
      throw new IllegalStateException("A CRL of ours cannot be decoded", e);
    }
  }
}
