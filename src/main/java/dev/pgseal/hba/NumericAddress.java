package dev.pgseal.hba;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Numeric addresses as glibc's getaddrinfo takes them with AI_NUMERICHOST, which is what PostgreSQL
 * asks: inet_aton for IPv4 ({@code 127.1}, octal {@code 010.0.0.1}, hex), else inet_pton for IPv6
 * with an optional scope.
 */
final class NumericAddress {

  private static final long[] LAST_PART_MAX = {0xffffffffL, 0xffffff, 0xffff, 0xff};

  private NumericAddress() {}

  static Optional<InetAddress> parse(String text, HbaDialect dialect) {
    byte[] four = ipv4(text);
    if (four != null) {
      return Optional.of(ofBytes(four));
    }
    int percent = text.indexOf('%');
    byte[] sixteen = ipv6(percent < 0 ? text : text.substring(0, percent));
    if (sixteen == null) {
      return Optional.empty();
    }
    if (percent >= 0 && !isScope(text.substring(percent + 1), isLinkLocal(sixteen), dialect)) {
      return Optional.empty();
    }
    return Optional.of(ofBytes(sixteen));
  }

  /** Never turns a mapped IPv4 address into an Inet4Address, as the JDK's usual factory does. */
  static InetAddress ofBytes(byte[] bytes) {
    try {
      return bytes.length == 4
          ? InetAddress.getByAddress(bytes)
          : Inet6Address.getByAddress(null, bytes, -1);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static final InetAddress[] IPV4_MASKS = masks(4);
  private static final InetAddress[] IPV6_MASKS = masks(16);

  /** The mask of that many leading one bits. */
  static InetAddress mask(int bits, int length) {
    return (length == 4 ? IPV4_MASKS : IPV6_MASKS)[bits];
  }

  private static InetAddress[] masks(int length) {
    InetAddress[] masks = new InetAddress[8 * length + 1];
    for (int bits = 0; bits < masks.length; bits++) {
      masks[bits] = newMask(bits, length);
    }
    return masks;
  }

  private static InetAddress newMask(int bits, int length) {
    byte[] mask = new byte[length];
    for (int i = 0; i < bits; i++) {
      mask[i / 8] |= (byte) (0x80 >> (i % 8));
    }
    return ofBytes(mask);
  }

  /** inet_aton for the whole string. */
  private static byte @Nullable [] ipv4(String text) {
    if (text.isEmpty() || text.length() > 64) {
      return null;
    }
    String[] parts = text.split("\\.", -1);
    if (parts.length > 4) {
      return null;
    }
    long address = 0;
    for (int i = 0; i < parts.length; i++) {
      long value = strtoul(parts[i]);
      boolean last = i == parts.length - 1;
      if (value < 0 || value > (last ? LAST_PART_MAX[i] : 0xff)) {
        return null;
      }
      address |= last ? value : value << (8 * (3 - i));
    }
    return new byte[] {
      (byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address
    };
  }

  /** C's number with base 0, or -1; the text must be all of it. */
  private static long strtoul(String text) {
    int base = 10;
    String digits = text;
    if (text.length() > 2 && (text.startsWith("0x") || text.startsWith("0X"))) {
      base = 16;
      digits = text.substring(2);
    } else if (text.length() > 1 && text.startsWith("0")) {
      base = 8;
    }
    if (digits.isEmpty()) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      int digit = c < 0x80 ? Character.digit(c, base) : -1;
      if (digit < 0) {
        return -1;
      }
      value = value * base + digit;
      if (value > 0xffffffffL) {
        return -1;
      }
    }
    return value;
  }

  /** inet_pton for IPv6. */
  private static byte @Nullable [] ipv6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      byte[] all = groups(text);
      return all != null && all.length == 16 ? all : null;
    }
    byte[] head = gap == 0 ? new byte[0] : groups(text.substring(0, gap));
    String rest = text.substring(gap + 2);
    byte[] tail = rest.isEmpty() ? new byte[0] : groups(rest);
    boolean dottedHead = gap > 0 && text.substring(0, gap).indexOf('.') >= 0;
    if (head == null || tail == null || dottedHead || head.length + tail.length > 14) {
      return null;
    }
    byte[] address = new byte[16];
    System.arraycopy(head, 0, address, 0, head.length);
    System.arraycopy(tail, 0, address, 16 - tail.length, tail.length);
    return address;
  }

  private static byte @Nullable [] groups(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length > 8) {
      return null;
    }
    byte[] bytes = new byte[16];
    int length = 0;
    for (int i = 0; i < parts.length; i++) {
      byte[] part = group(parts[i], i == parts.length - 1);
      if (part == null || length + part.length > 16) {
        return null;
      }
      System.arraycopy(part, 0, bytes, length, part.length);
      length += part.length;
    }
    return Arrays.copyOf(bytes, length);
  }

  private static byte @Nullable [] group(String part, boolean last) {
    if (part.indexOf('.') >= 0) {
      return last ? dottedQuad(part) : null;
    }
    if (part.isEmpty() || part.length() > 4) {
      return null;
    }
    int value = 0;
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      int digit = c < 0x80 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        return null;
      }
      value = value << 4 | digit;
    }
    return new byte[] {(byte) (value >> 8), (byte) value};
  }

  /** inet_pton's IPv4: four decimal numbers without leading zeros. */
  private static byte @Nullable [] dottedQuad(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return null;
    }
    byte[] bytes = new byte[4];
    for (int i = 0; i < 4; i++) {
      if (!parts[i].matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(parts[i]) > 255) {
        return null;
      }
      bytes[i] = (byte) Integer.parseInt(parts[i]);
    }
    return bytes;
  }

  private static boolean isLinkLocal(byte[] ipv6) {
    boolean unicast = (ipv6[0] & 0xff) == 0xfe && (ipv6[1] & 0xc0) == 0x80;
    boolean multicast = (ipv6[0] & 0xff) == 0xff && (ipv6[1] & 0x0f) == 0x02;
    return unicast || multicast;
  }

  /** glibc's __inet6_scopeid_pton: a number always, an interface's name for link-local ones. */
  private static boolean isScope(String scope, boolean linkLocal, HbaDialect dialect) {
    if (linkLocal && dialect.interfaceNames().contains(scope)) {
      return true;
    }
    return scope.matches("[0-9]{1,10}") && Long.parseLong(scope) <= 0xffffffffL;
  }
}
