package dev.pgseal.hba;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The part of an address field that lies in 127.0.0.0/8 or is ::1. */
final class Loopback {

  private static final byte[] IPV6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  private static final String ANY_IPV4 = "127.0.0.0/8";
  private static final String ANY_IPV6 = "::1/128";

  private Loopback() {}

  static boolean contains(InetAddress address) {
    return address.isLoopbackAddress();
  }

  /** Whether nothing else matches; a host name never says so, DNS decides. */
  static boolean coversOnly(@Nullable HbaAddress address) {
    if (!(address instanceof HbaAddress.Network network)) {
      return false;
    }
    byte[] ip = network.ip().getAddress();
    byte[] mask = network.mask().getAddress();
    if (ip.length == 4) {
      return ip[0] == 127 && mask[0] == (byte) 0xff;
    }
    return Arrays.equals(ip, IPV6) && Arrays.equals(mask, allOnes());
  }

  /**
   * The loopback part as address fields to be written, empty when there is none. {@code samehost}
   * and {@code samenet} are taken for a host whose loopback interface has 127.0.0.1/8 and ::1/128.
   */
  static List<String> part(@Nullable HbaAddress address) {
    if (address instanceof HbaAddress.Network network) {
      return part(network);
    }
    if (address instanceof HbaAddress.All || address instanceof HbaAddress.SameNet) {
      return List.of(ANY_IPV4, ANY_IPV6);
    }
    return address instanceof HbaAddress.SameHost ? List.of("127.0.0.1/32", ANY_IPV6) : List.of();
  }

  private static List<String> part(HbaAddress.Network network) {
    byte[] ip = network.ip().getAddress();
    byte[] mask = network.mask().getAddress();
    var fields = new ArrayList<String>();
    if (ip.length == 16) {
      if (network.contains(NumericAddress.ofBytes(IPV6))) {
        fields.add(ANY_IPV6);
      }
    } else if (((ip[0] ^ 127) & mask[0]) == 0) {
      ip[0] = 127;
      mask[0] = (byte) 0xff;
      fields.add(dotted(masked(ip, mask)) + " " + dotted(mask));
    }
    return fields.stream().map(Loopback::shortened).toList();
  }

  private static String shortened(String field) {
    return field.equals("127.0.0.0 255.0.0.0") ? ANY_IPV4 : field;
  }

  private static byte[] masked(byte[] ip, byte[] mask) {
    byte[] result = ip.clone();
    for (int i = 0; i < ip.length; i++) {
      result[i] &= mask[i];
    }
    return result;
  }

  private static String dotted(byte[] ipv4) {
    return NumericAddress.ofBytes(ipv4).getHostAddress();
  }

  private static byte[] allOnes() {
    byte[] ones = new byte[16];
    Arrays.fill(ones, (byte) 0xff);
    return ones;
  }
}
