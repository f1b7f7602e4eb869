package dev.pgseal.certificate;

import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.jspecify.annotations.Nullable;

/** Subject and issuer names. */
final class DistinguishedName {

  /** ub-common-name and ub-organization-name of RFC 5280 appendix A.1. */
  static final int MAX_COMMON_NAME = 64;

  static final X500Name EMPTY = new X500NameBuilder(BCStyle.INSTANCE).build();

  private DistinguishedName() {}

  static X500Name commonName(String commonName) {
    return of(commonName, null);
  }

  static X500Name of(String commonName, @Nullable String organization) {
    X500NameBuilder name = new X500NameBuilder(BCStyle.INSTANCE);
    if (organization != null) {
      name.addRDN(BCStyle.O, organization);
    }
    return name.addRDN(BCStyle.CN, commonName).build();
  }

  /** Byte for byte as the certificate has it, since names of a path are compared encoded. */
  static X500Name subject(X509Certificate certificate) {
    return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
  }

  /** Refuses what cannot stand in a certificate or would mislead who reads it. */
  static String requireText(String what, String text) {
    boolean plain = text.codePoints().noneMatch(DistinguishedName::isInvisible);
    if (text.isBlank() || text.codePointCount(0, text.length()) > MAX_COMMON_NAME || !plain) {
      throw CertificateProblems.malformed(
          "The " + what + " must have 1 to " + MAX_COMMON_NAME + " visible characters");
    }
    return text;
  }

  private static boolean isInvisible(int codePoint) {
    int type = Character.getType(codePoint);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.SURROGATE
        || type == Character.UNASSIGNED
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }
}
