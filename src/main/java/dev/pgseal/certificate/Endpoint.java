package dev.pgseal.certificate;

import dev.pgseal.problem.PgsealException;
import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A name or an address that clients connect to, in the form a certificate holds it. */
sealed interface Endpoint {

  /**
   * A DNS name as A-labels in lower case; {@code *} may stand for the whole leftmost label.
   *
   * @param name at most 253 characters
   */
  record Dns(String name) implements Endpoint {
    @Override
    public String toString() {
      return name;
    }

    /**
     * Whether a certificate name matches this name of a host, as libpq does it
     * (fe-secure-common.c:wildcard_certificate_match): {@code *.} stands for exactly one label.
     */
    boolean isMatchedBy(String pattern) {
      String wanted = name.toLowerCase(Locale.ROOT);
      String offered = pattern.toLowerCase(Locale.ROOT);
      if (offered.equals(wanted)) {
        return true;
      }
      int dot = wanted.indexOf('.');
      return offered.startsWith("*.")
          && dot > 0
          && wanted.substring(dot).equals(offered.substring(1));
    }
  }

  /** An IPv4 (4 octets) or IPv6 (16 octets) address. */
  record Ip(InetAddress address) implements Endpoint {
    boolean isIpv4() {
      return address.getAddress().length == 4;
    }

    boolean isMatchedBy(byte[] octets) {
      return Arrays.equals(address.getAddress(), octets);
    }

    @Override
    public String toString() {
      return address.getHostAddress();
    }
  }

  int MAX_NAME = 253;
  Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
  Pattern DIGITS = Pattern.compile("[0-9]+");
  Pattern IPV4 = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");

  /** Letters that IDNA 2003 (the JDK) and IDNA 2008 (browsers, resolvers) encode differently. */
  Pattern IDN_DEVIATION = Pattern.compile("[\u00DF\u03C2\u200C\u200D]");

  /**
   * Reads an endpoint as somebody types it: a DNS name (internationalised ones become A-labels), a
   * wildcard, an IPv4 or an IPv6 literal. Nothing is ever looked up.
   */
  static Endpoint parse(String text) {
    if (text.isBlank() || text.length() > MAX_NAME) {
      throw refused(text, "a name has 1 to " + MAX_NAME + " characters");
    }
    if (text.indexOf(':') >= 0) {
      return ipv6(text);
    }
    Matcher ipv4 = IPV4.matcher(text);
    if (ipv4.matches()) {
      return ipv4(text, ipv4);
    }
    return dns(text);
  }

  private static Ip ipv4(String text, Matcher octets) {
    byte[] address = new byte[4];
    for (int i = 0; i < 4; i++) {
      String octet = octets.group(i + 1);
      if (Integer.parseInt(octet) > 255 || octet.length() > 1 && octet.startsWith("0")) {
        throw refused(text, "not an IPv4 address");
      }
      address[i] = (byte) Integer.parseInt(octet);
    }
    return ip(text, address);
  }

  private static Ip ipv6(String text) {
    if (!text.matches("[0-9A-Fa-f:.]+")) {
      throw refused(text, "neither a name nor an IPv6 address; leave out port, brackets and zone");
    }
    try {
      InetAddress address = InetAddress.getByName(text); // a text with a colon is never looked up
      if (address.getAddress().length != 16) {
        throw refused(text, "an IPv4 address in IPv6 form; give the IPv4 address itself");
      }
      return new Ip(address);
    } catch (UnknownHostException e) {
      throw refused(text, "not an IPv6 address; leave out the port");
    }
  }

  private static Ip ip(String text, byte[] octets) {
    try {
      return new Ip(InetAddress.getByAddress(octets));
    } catch (UnknownHostException e) {
      throw refused(text, "not an address");
    }
  }

  private static Dns dns(String text) {
    boolean wildcard = text.startsWith("*.");
    String name = toAscii(text, wildcard ? text.substring(2) : text);
    if (name.length() > MAX_NAME - (wildcard ? 2 : 0)) {
      throw refused(text, "longer than " + MAX_NAME + " characters as A-labels");
    }
    String[] labels = name.split("\\.", -1);
    for (String label : labels) {
      requireLabel(text, label);
    }
    if (DIGITS.matcher(labels[labels.length - 1]).matches()) {
      throw refused(text, "neither a DNS name nor a whole IPv4 address");
    }
    if (wildcard && labels.length < 2) {
      throw refused(text, "a wildcard needs at least two labels after the *");
    }
    return new Dns(wildcard ? "*." + name : name);
  }

  private static String toAscii(String text, String name) {
    if (IDN_DEVIATION.matcher(name).find()) {
      throw refused(text, "resolvers disagree how this is encoded; give its A-label form (xn--…)");
    }
    try {
      return IDN.toASCII(name).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw refused(text, "not a DNS name");
    }
  }

  private static void requireLabel(String text, String label) {
    if (LABEL.matcher(label).matches()) {
      return;
    }
    if (label.isEmpty()) {
      throw refused(text, "an empty label; names are written without a dot at either end");
    }
    if (label.contains("*")) {
      throw refused(text, "* may only stand for the whole leftmost label");
    }
    throw refused(text, "a label has 1 to 63 letters, digits and hyphens, no hyphen at either end");
  }

  private static PgsealException refused(String text, String why) {
    String shown = text.length() > 80 ? text.substring(0, 80) + "…" : text;
    return CertificateProblems.malformed("Endpoint \"" + shown + "\": " + why)
        .with("endpoint", shown);
  }
}
