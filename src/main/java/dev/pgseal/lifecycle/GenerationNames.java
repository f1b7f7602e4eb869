package dev.pgseal.lifecycle;

import java.security.cert.X509Certificate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/** Common names of an authority's generations: {@code Corp CA}, {@code Corp CA G2} and so on. */
final class GenerationNames {

  private static final Pattern NUMBERED =
      Pattern.compile("(.*) G([1-9][0-9]{0,8})", Pattern.DOTALL);

  /** RFC 5280, upper bound of a commonName. */
  private static final int LONGEST = 64;

  private GenerationNames() {}

  static String next(String commonName) {
    Matcher numbered = NUMBERED.matcher(commonName);
    String base = numbered.matches() ? numbered.group(1) : commonName;
    int number = numbered.matches() ? Integer.parseInt(numbered.group(2)) + 1 : 2;
    String suffix = " G" + number;
    int most = LONGEST - suffix.length();
    return (base.length() > most ? base.substring(0, most) : base) + suffix;
  }

  static String commonName(X509Certificate certificate) {
    String name = part(certificate, "CN");
    return name == null ? "Authority" : name;
  }

  static @Nullable String organization(X509Certificate certificate) {
    return part(certificate, "O");
  }

  private static @Nullable String part(X509Certificate certificate, String type) {
    try {
      for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (rdn.getType().equalsIgnoreCase(type)) {
          return String.valueOf(rdn.getValue());
        }
      }
    } catch (InvalidNameException e) {
      throw new IllegalStateException("A parsed certificate has no readable subject", e);
    }
    return null;
  }
}
