package dev.pgseal.certificate;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.cert.X509CertificateHolder;
import org.jspecify.annotations.Nullable;

/**
 * PEM texts (RFC 7468) of certificates and private keys.
 *
 * <p>What cannot be read is a {@code CERTIFICATE_INVALID} problem that names the block, the line
 * and the mistake. At most 1 MiB and 100 blocks are read.
 */
public final class Pem {

  private static final byte[] LINE_END = {'\n'};
  private static final int LINE_LENGTH = 64;

  private Pem() {}

  /** Every certificate of the text in order, at least one; blocks of other kinds are left out. */
  public static List<X509Certificate> certificates(String text) {
    List<X509Certificate> certificates = new ArrayList<>();
    for (PemBlock block : PemScanner.scan(text)) {
      if (block.isCertificate()) {
        certificates.add(certificate(block.der(), block.where()));
      }
    }
    if (certificates.isEmpty()) {
      throw CertificateProblems.invalid("There is no CERTIFICATE block in the PEM text")
          .hint("PostgreSQL reads PEM only: openssl x509 -inform DER -in file -outform PEM");
    }
    return List.copyOf(certificates);
  }

  /**
   * The one private key of the text: PKCS#8 (plain or encrypted), PKCS#1 or SEC1.
   *
   * @param passphrase needed when the key is encrypted, else left unused
   */
  public static KeyMaterial privateKey(String text, char @Nullable [] passphrase) {
    List<PemBlock> keys = PemScanner.scan(text).stream().filter(PemBlock::isPrivateKey).toList();
    if (keys.isEmpty()) {
      throw CertificateProblems.invalid("There is no PRIVATE KEY block in the PEM text")
          .hint("PostgreSQL reads PEM only: openssl pkey -inform DER -in file -out file.pem");
    }
    if (keys.size() > 1) {
      throw CertificateProblems.invalid(
              "There are " + keys.size() + " private keys in the PEM text")
          .hint("Send the one that belongs to the certificate.");
    }
    return PrivateKeyReader.read(keys.get(0), passphrase);
  }

  /** A certificate as PEM, LF line ends. */
  public static String encode(X509Certificate certificate) {
    return encode(List.of(certificate));
  }

  /** Certificates one after the other in the order given, as a chain file or a bundle. */
  public static String encode(List<X509Certificate> certificates) {
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      byte[] block = encode("CERTIFICATE", der(certificate));
      text.append(new String(block, StandardCharsets.US_ASCII));
    }
    return text.toString();
  }

  static byte[] encode(String label, byte[] der) {
    ByteArrayOutputStream pem = new ByteArrayOutputStream(der.length * 3 / 2 + 80);
    pem.writeBytes(("-----BEGIN " + label + "-----\n").getBytes(StandardCharsets.US_ASCII));
    pem.writeBytes(Base64.getMimeEncoder(LINE_LENGTH, LINE_END).encode(der));
    pem.writeBytes(("\n-----END " + label + "-----\n").getBytes(StandardCharsets.US_ASCII));
    return pem.toByteArray();
  }

  static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("A parsed certificate has no encoding", e);
    }
  }

  /** Read by both the JDK and Bouncy Castle, since each is used on it later. */
  static X509Certificate certificate(byte[] der, String where) {
    if (!DerDepth.isBounded(der)) {
      throw CertificateProblems.invalid("Nested too deeply to be a certificate: " + where);
    }
    try {
      new X509CertificateHolder(der);
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      X509Certificate certificate =
          (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
      if (certificate.getEncoded().length != der.length) {
        throw new CertificateException("bytes follow the certificate");
      }
      return certificate;
    } catch (CertificateException | IOException | RuntimeException e) {
      // hostile DER makes both parsers throw whatever they like; the bytes are public, so is why
      throw CertificateProblems.invalid("Not an X.509 certificate: " + where)
          .hint("Check it with: openssl x509 -noout -text -in file");
    }
  }
}
