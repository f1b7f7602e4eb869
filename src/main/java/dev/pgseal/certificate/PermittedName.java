package dev.pgseal.certificate;

import java.net.InetAddress;
import java.util.Arrays;

/** One entry of a policy's permitted names, with the meaning of RFC 5280 §4.2.1.10. */
sealed interface PermittedName {

  /** The domain itself and every name below it. */
  record Domain(String name) implements PermittedName {
    boolean permits(String dnsName) {
      String plain = dnsName.startsWith("*.") ? dnsName.substring(2) : dnsName;
      return plain.equals(name) || plain.endsWith("." + name);
    }
  }

  /** Addresses of one family that agree with {@code network} in its first bits. */
  record Range(byte[] network, int prefix) implements PermittedName {
    boolean permits(InetAddress address) {
      byte[] octets = address.getAddress();
      return octets.length == network.length && Arrays.equals(masked(octets, prefix), network);
    }

    /** Network and mask in one string of octets, as the extension holds it. */
    byte[] networkAndMask() {
      byte[] ones = new byte[network.length];
      Arrays.fill(ones, (byte) 0xFF);
      byte[] both = Arrays.copyOf(network, network.length * 2);
      System.arraycopy(masked(ones, prefix), 0, both, network.length, network.length);
      return both;
    }
  }

  /**
   * JDK 17 compares an IPv4 address with an IPv6 range octet by octet and throws an index error
   * when the first four agree (sun.security.x509.IPAddressName#constrains), as they all do with
   * ::/0.
   */
  int MIN_IPV6_PREFIX = 8;

  static PermittedName parse(String text) {
    int slash = text.indexOf('/');
    Endpoint endpoint = Endpoint.parse(slash < 0 ? text : text.substring(0, slash));
    if (endpoint instanceof Endpoint.Dns dns && slash < 0 && !dns.name().startsWith("*")) {
      return new Domain(dns.name());
    }
    if (endpoint instanceof Endpoint.Ip ip) {
      byte[] octets = ip.address().getAddress();
      int prefix = slash < 0 ? octets.length * 8 : prefix(text, slash, octets.length * 8);
      if (octets.length == 16 && prefix < MIN_IPV6_PREFIX) {
        throw CertificateProblems.malformed(
            "The prefix length of an IPv6 range is at least " + MIN_IPV6_PREFIX);
      }
      return new Range(masked(octets, prefix), prefix);
    }
    throw CertificateProblems.malformed(
        "A permitted name is a domain such as example.com or a range such as 10.0.0.0/8");
  }

  private static int prefix(String text, int slash, int bits) {
    String digits = text.substring(slash + 1);
    if (!digits.matches("[0-9]{1,3}") || Integer.parseInt(digits) > bits) {
      throw CertificateProblems.malformed("The prefix length of a range is 0 to " + bits);
    }
    return Integer.parseInt(digits);
  }

  private static byte[] masked(byte[] octets, int prefix) {
    byte[] result = octets.clone();
    for (int i = 0; i < result.length; i++) {
      int kept = Math.max(0, Math.min(8, prefix - i * 8));
      result[i] &= (byte) (0xFF << (8 - kept));
    }
    return result;
  }
}
