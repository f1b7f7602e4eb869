package dev.pgseal.certificate;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Map;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;

/**
 * A subject as PostgreSQL writes names of certificates into {@code pg_stat_ssl}, before it cuts
 * them: {@code /O=Corp\\, Inc./CN=Corp CA}, in the order of the encoding
 * (be-secure-openssl.c:X509_NAME_to_cstring), each value as OpenSSL's {@code ASN1_STRFLGS_RFC2253}
 * without {@code ASN1_STRFLGS_ESC_MSB} escapes it.
 */
public final class SubjectLine {

  /** OpenSSL's short names (objects.txt). */
  private static final Map<ASN1ObjectIdentifier, String> NAMES =
      Map.ofEntries(
          Map.entry(BCStyle.CN, "CN"),
          Map.entry(BCStyle.O, "O"),
          Map.entry(BCStyle.OU, "OU"),
          Map.entry(BCStyle.C, "C"),
          Map.entry(BCStyle.ST, "ST"),
          Map.entry(BCStyle.L, "L"),
          Map.entry(BCStyle.STREET, "street"),
          Map.entry(BCStyle.POSTAL_CODE, "postalCode"),
          Map.entry(BCStyle.DC, "DC"),
          Map.entry(BCStyle.UID, "UID"),
          Map.entry(BCStyle.E, "emailAddress"),
          Map.entry(BCStyle.SERIALNUMBER, "serialNumber"),
          Map.entry(BCStyle.T, "title"),
          Map.entry(BCStyle.SURNAME, "SN"),
          Map.entry(BCStyle.GIVENNAME, "GN"),
          Map.entry(BCStyle.INITIALS, "initials"),
          Map.entry(BCStyle.GENERATION, "generationQualifier"),
          Map.entry(BCStyle.DN_QUALIFIER, "dnQualifier"),
          Map.entry(BCStyle.NAME, "name"),
          Map.entry(BCStyle.PSEUDONYM, "pseudonym"),
          Map.entry(BCStyle.BUSINESS_CATEGORY, "businessCategory"),
          Map.entry(BCStyle.ORGANIZATION_IDENTIFIER, "organizationIdentifier"));

  private static final String ESCAPED = ",+\"\\<>;";

  private SubjectLine() {}

  public static String of(X509Certificate certificate) {
    StringBuilder line = new StringBuilder();
    for (RDN rdn : DistinguishedName.subject(certificate).getRDNs()) {
      for (AttributeTypeAndValue attribute : rdn.getTypesAndValues()) {
        ASN1ObjectIdentifier type = attribute.getType();
        line.append('/').append(NAMES.getOrDefault(type, type.getId())).append('=');
        line.append(text(attribute.getValue()));
      }
    }
    return line.toString();
  }

  private static String text(ASN1Encodable value) {
    if (value instanceof ASN1String string && !(value instanceof ASN1BitString)) {
      return escaped(string.getString());
    }
    try {
      byte[] der = value.toASN1Primitive().getEncoded(ASN1Encoding.DER);
      return "#" + HexFormat.of().withUpperCase().formatHex(der);
    } catch (IOException e) {
      throw new IllegalStateException("A parsed name has no encoding", e);
    }
  }

  private static String escaped(String value) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean atEdge = i == 0 && (c == '#' || c == ' ') || i == value.length() - 1 && c == ' ';
      if (c < ' ' || c == 0x7f) {
        text.append("\\%02X".formatted((int) c));
      } else if (atEdge || ESCAPED.indexOf(c) >= 0) {
        text.append('\\').append(c);
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}
