package dev.pgseal.hba;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Address fields as ranges: what a field covers for sure, and what it covers at most. The two
 * differ for host names, for {@code samehost} and {@code samenet} on an unknown server, and for
 * masks that would fall into too many ranges.
 */
final class AddressBounds {

  private static final int MOST_RANGES = 256;
  private static final List<AddressRange> EVERYTHING =
      List.of(AddressRange.ALL_IPV4, AddressRange.ALL_IPV6);

  private final @Nullable List<AddressRange> sameHost;
  private final @Nullable List<AddressRange> sameNet;

  AddressBounds(@Nullable ServerInterfaces interfaces) {
    this.sameHost = interfaces == null ? null : hosts(interfaces);
    this.sameNet = interfaces == null ? null : networks(interfaces);
  }

  /** Addresses that match for sure. */
  List<AddressRange> surely(@Nullable HbaAddress address) {
    List<AddressRange> exact = exact(address);
    return exact == null ? List.of() : exact;
  }

  /** Addresses that may match. */
  List<AddressRange> atMost(@Nullable HbaAddress address) {
    List<AddressRange> exact = exact(address);
    if (exact != null) {
      return exact;
    }
    return address instanceof HbaAddress.Network network
        ? List.of(AddressRange.prefix(network.ip(), leadingOnes(network.mask())))
        : EVERYTHING;
  }

  private static int leadingOnes(InetAddress mask) {
    int width = 8 * mask.getAddress().length;
    BigInteger bits = AddressRange.number(mask);
    int ones = 0;
    while (ones < width && bits.testBit(width - 1 - ones)) {
      ones++;
    }
    return ones;
  }

  private @Nullable List<AddressRange> exact(@Nullable HbaAddress address) {
    if (address == null || address instanceof HbaAddress.All) {
      return EVERYTHING;
    }
    if (address instanceof HbaAddress.Network network) {
      return ranges(network);
    }
    if (address instanceof HbaAddress.SameHost) {
      return sameHost;
    }
    return address instanceof HbaAddress.SameNet ? sameNet : null;
  }

  private static List<AddressRange> hosts(ServerInterfaces interfaces) {
    return interfaces.networks().stream()
        .map(HbaAddress.Network::ip)
        .map(ip -> AddressRange.prefix(ip, 8 * ip.getAddress().length))
        .toList();
  }

  private static @Nullable List<AddressRange> networks(ServerInterfaces interfaces) {
    var found = new ArrayList<AddressRange>();
    for (HbaAddress.Network network : interfaces.networks()) {
      List<AddressRange> part = ranges(network);
      if (part == null) {
        return null;
      }
      found.addAll(part);
    }
    return found;
  }

  /** One range for a prefix mask, several for a mask with holes, null when they are too many. */
  private static @Nullable List<AddressRange> ranges(HbaAddress.Network network) {
    int width = 8 * network.ip().getAddress().length;
    BigInteger mask = AddressRange.number(network.mask());
    int hostBits = mask.signum() == 0 ? width : mask.getLowestSetBit();
    var holes = new ArrayList<Integer>();
    for (int bit = hostBits; bit < width; bit++) {
      if (!mask.testBit(bit)) {
        holes.add(bit);
      }
    }
    if (holes.size() > 8 || 1 << holes.size() > MOST_RANGES) {
      return null;
    }
    BigInteger base = AddressRange.number(network.ip()).and(mask);
    BigInteger last = BigInteger.ONE.shiftLeft(hostBits).subtract(BigInteger.ONE);
    var ranges = new ArrayList<AddressRange>();
    for (int choice = 0; choice < 1 << holes.size(); choice++) {
      BigInteger low = base;
      for (int i = 0; i < holes.size(); i++) {
        if ((choice >> i & 1) == 1) {
          low = low.setBit(holes.get(i));
        }
      }
      ranges.add(new AddressRange(width == 128, low, low.add(last)));
    }
    return ranges;
  }
}
