package dev.pgseal.hba;

import java.math.BigInteger;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A growing set of addresses, kept as ranges that neither overlap nor touch. */
final class AddressSet {

  private static final NavigableMap<BigInteger, BigInteger> NONE =
      Collections.unmodifiableNavigableMap(new TreeMap<>());

  /** Most sets have one family only. */
  private NavigableMap<BigInteger, BigInteger> ipv4 = NONE;

  private NavigableMap<BigInteger, BigInteger> ipv6 = NONE;

  void add(AddressRange range) {
    NavigableMap<BigInteger, BigInteger> ranges = writable(range.ipv6());
    BigInteger low = range.low();
    BigInteger high = range.high();
    Map.Entry<BigInteger, BigInteger> before = ranges.floorEntry(high.add(BigInteger.ONE));
    while (before != null && before.getValue().compareTo(low.subtract(BigInteger.ONE)) >= 0) {
      ranges.remove(before.getKey());
      low = low.min(before.getKey());
      high = high.max(before.getValue());
      before = ranges.floorEntry(high.add(BigInteger.ONE));
    }
    ranges.put(low, high);
  }

  private NavigableMap<BigInteger, BigInteger> writable(boolean inIpv6) {
    if (inIpv6) {
      ipv6 = ipv6 == NONE ? new TreeMap<>() : ipv6;
      return ipv6;
    }
    ipv4 = ipv4 == NONE ? new TreeMap<>() : ipv4;
    return ipv4;
  }

  /** The last address of the range that holds this one, or null when none does. */
  @Nullable BigInteger endOfRangeWith(boolean inIpv6, BigInteger address) {
    Map.Entry<BigInteger, BigInteger> below = (inIpv6 ? ipv6 : ipv4).floorEntry(address);
    return below != null && below.getValue().compareTo(address) >= 0 ? below.getValue() : null;
  }

  /** The first address at or behind this one that is in the set, or null. */
  @Nullable BigInteger startOfNextRange(boolean inIpv6, BigInteger address) {
    return (inIpv6 ? ipv6 : ipv4).ceilingKey(address);
  }
}
