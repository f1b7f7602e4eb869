package dev.pgseal.hba;

import java.math.BigInteger;
import java.net.InetAddress;

/** Addresses of one family from low to high, both included. */
record AddressRange(boolean ipv6, BigInteger low, BigInteger high) {

  static final AddressRange ALL_IPV4 =
      new AddressRange(
          false, BigInteger.ZERO, BigInteger.ONE.shiftLeft(32).subtract(BigInteger.ONE));
  static final AddressRange ALL_IPV6 =
      new AddressRange(
          true, BigInteger.ZERO, BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE));

  static AddressRange prefix(InetAddress ip, int bits) {
    byte[] bytes = ip.getAddress();
    int host = 8 * bytes.length - bits;
    BigInteger low = number(ip).shiftRight(host).shiftLeft(host);
    BigInteger high = low.add(BigInteger.ONE.shiftLeft(host)).subtract(BigInteger.ONE);
    return new AddressRange(bytes.length == 16, low, high);
  }

  static BigInteger number(InetAddress ip) {
    return new BigInteger(1, ip.getAddress());
  }

  boolean contains(InetAddress ip) {
    BigInteger number = number(ip);
    return ipv6 == (ip.getAddress().length == 16)
        && number.compareTo(low) >= 0
        && number.compareTo(high) <= 0;
  }

  InetAddress address(BigInteger number) {
    byte[] bytes = new byte[ipv6 ? 16 : 4];
    byte[] digits = number.toByteArray();
    int length = Math.min(digits.length, bytes.length);
    System.arraycopy(digits, digits.length - length, bytes, bytes.length - length, length);
    return NumericAddress.ofBytes(bytes);
  }

  /** For people: one address or two with a dash. */
  String text() {
    String from = address(low).getHostAddress();
    return low.equals(high) ? from : from + " - " + address(high).getHostAddress();
  }
}
