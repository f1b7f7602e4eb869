package dev.pgseal.hba;

import java.net.InetAddress;
import java.util.Optional;

/** The address field and the mask (hba.c, parse_hba_line; ifaddr.c, pg_sockaddr_cidr_mask). */
final class AddressParser {

  private final HbaDialect dialect;

  AddressParser(HbaDialect dialect) {
    this.dialect = dialect;
  }

  /** Takes the address field, and the mask field when the address needs one. */
  HbaAddress parse(FieldCursor cursor) throws RecordError {
    HbaToken token = cursor.single("IP address specification", "host address");
    if (token.isKeyword("all")) {
      return new HbaAddress.All();
    }
    if (token.isKeyword("samehost")) {
      return new HbaAddress.SameHost();
    }
    if (token.isKeyword("samenet")) {
      return new HbaAddress.SameNet();
    }
    String text = token.text();
    int slash = text.indexOf('/');
    Optional<InetAddress> ip =
        NumericAddress.parse(slash < 0 ? text : text.substring(0, slash), dialect);
    if (slash >= 0) {
      return withCidr(text, slash, ip, cursor);
    }
    return ip.isPresent() ? withMask(ip.get(), cursor) : new HbaAddress.HostName(text);
  }

  private HbaAddress withCidr(String text, int slash, Optional<InetAddress> ip, FieldCursor cursor)
      throws RecordError {
    if (ip.isEmpty()) {
      throw cursor.error("specifying both host name and CIDR mask is invalid: \"" + text + "\"");
    }
    int length = ip.get().getAddress().length;
    int bits = strtol(text.substring(slash + 1));
    if (bits < 0 || bits > 8 * length) {
      throw cursor.error("invalid CIDR mask in address \"" + text + "\"");
    }
    return new HbaAddress.Network(ip.get(), NumericAddress.mask(bits, length));
  }

  private HbaAddress withMask(InetAddress ip, FieldCursor cursor) throws RecordError {
    String text = cursor.single("netmask specification", "netmask").text();
    Optional<InetAddress> mask = NumericAddress.parse(text, dialect);
    if (mask.isEmpty()) {
      // the words are glibc's gai_strerror(EAI_NONAME)
      throw cursor.error("invalid IP mask \"" + text + "\": Name or service not known");
    }
    if (mask.get().getAddress().length != ip.getAddress().length) {
      throw cursor.error("IP address and mask do not match");
    }
    return new HbaAddress.Network(ip, mask.get());
  }

  /** C's strtol with base 10 over the whole text: leading white space and a sign are taken; -1. */
  private static int strtol(String text) {
    int at = 0;
    while (at < text.length() && isSpace(text.charAt(at))) {
      at++;
    }
    boolean negative = text.startsWith("-", at);
    if (negative || text.startsWith("+", at)) {
      at++;
    }
    if (at == text.length()) {
      return -1;
    }
    int value = 0;
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c < '0' || c > '9') {
        return -1;
      }
      // beyond any mask it need not be exact
      value = Math.min(value * 10 + c - '0', 10_000);
    }
    return negative && value > 0 ? -1 : value;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
