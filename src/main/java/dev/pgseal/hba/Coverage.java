package dev.pgseal.hba;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the rules added so far decide for sure: per connection type and pair of database and user
 * word the addresses. Whatever may or may not be covered counts as not covered, also what is not
 * known for want of memory or of time: that is sound, and bounded.
 */
final class Coverage {

  /** A rule with more pairs than this is not remembered as covering. */
  private static final int MOST_PAIRS = 4096;

  /** Ranges stepped over before a search is given up as "not covered". */
  private static final int MOST_STEPS = 10_000;

  private final AddressBounds bounds;
  private final Effort effort;
  private final Map<ConnectionType, Map<String, Map<String, AddressSet>>> covered =
      new EnumMap<>(ConnectionType.class);
  private int remembered;
  private @Nullable HbaAddress lastAddress;
  private @Nullable List<AddressRange> lastRanges;

  Coverage(AddressBounds bounds, Effort effort) {
    this.bounds = bounds;
    this.effort = effort;
  }

  /** Takes addresses out of the space of TCP for every pair. */
  void except(AddressRange range) {
    for (String database : List.of("keyword all", "keyword replication")) {
      set(ConnectionType.HOST, database, "keyword all").add(range);
    }
  }

  void add(HbaRule rule) {
    long pairs = (long) rule.databases().size() * rule.users().size();
    List<AddressRange> ranges = bounds.surely(rule.address());
    long more = pairs * ranges.size();
    if (pairs > MOST_PAIRS
        || remembered + more > HbaLimits.REMEMBERED_RANGES
        || !effort.spend(more)) {
      return;
    }
    remembered += (int) more;
    for (HbaToken database : rule.databases()) {
      for (HbaToken user : rule.users()) {
        AddressSet set = set(rule.type(), NamePair.databaseKey(database), NamePair.userKey(user));
        ranges.forEach(set::add);
      }
    }
  }

  private AddressSet set(ConnectionType type, String database, String user) {
    return covered
        .computeIfAbsent(type, key -> new HashMap<>())
        .computeIfAbsent(database, key -> new HashMap<>(2))
        .computeIfAbsent(user, key -> new AddressSet());
  }

  /**
   * Addresses of the field, for that pair and transport, that nothing decides yet; null when there
   * are none.
   */
  @Nullable AddressRange gap(Transport transport, @Nullable HbaAddress address, NamePair pair) {
    List<AddressRange> ranges = atMost(address);
    if (effort.exhausted()) {
      return ranges.isEmpty() ? null : ranges.get(0);
    }
    List<AddressSet> sets = sets(transport, pair);
    for (AddressRange range : ranges) {
      AddressRange gap = gap(range, sets);
      if (gap != null) {
        return gap;
      }
    }
    return null;
  }

  /** Of one rule it is asked once for each of its pairs. */
  private List<AddressRange> atMost(@Nullable HbaAddress address) {
    List<AddressRange> ranges = lastRanges;
    if (ranges == null || address != lastAddress) {
      ranges = bounds.atMost(address);
      lastAddress = address;
      lastRanges = ranges;
    }
    return ranges;
  }

  private List<AddressSet> sets(Transport transport, NamePair pair) {
    var sets = new ArrayList<AddressSet>(4);
    List<String> databases = pair.databaseCovers();
    List<String> names = pair.userCovers();
    covered.forEach(
        (type, byDatabase) -> {
          if (type.covers(transport)) {
            for (String database : databases) {
              Map<String, AddressSet> users = byDatabase.getOrDefault(database, Map.of());
              for (String name : names) {
                AddressSet set = users.get(name);
                if (set != null) {
                  sets.add(set);
                }
              }
            }
          }
        });
    return sets;
  }

  private @Nullable AddressRange gap(AddressRange range, List<AddressSet> sets) {
    BigInteger at = range.low();
    for (int step = 0; step < MOST_STEPS && effort.spend(1 + sets.size()); step++) {
      BigInteger end = furthestEnd(range.ipv6(), at, sets);
      if (end == null) {
        return new AddressRange(range.ipv6(), at, gapEnd(range, at, sets));
      }
      if (end.compareTo(range.high()) >= 0) {
        return null;
      }
      at = end.add(BigInteger.ONE);
    }
    return new AddressRange(range.ipv6(), at, range.high());
  }

  private static @Nullable BigInteger furthestEnd(
      boolean ipv6, BigInteger at, List<AddressSet> sets) {
    BigInteger furthest = null;
    for (AddressSet set : sets) {
      BigInteger end = set.endOfRangeWith(ipv6, at);
      if (end != null && (furthest == null || end.compareTo(furthest) > 0)) {
        furthest = end;
      }
    }
    return furthest;
  }

  private static BigInteger gapEnd(AddressRange range, BigInteger at, List<AddressSet> sets) {
    BigInteger end = range.high();
    for (AddressSet set : sets) {
      BigInteger next = set.startOfNextRange(range.ipv6(), at);
      if (next != null) {
        end = end.min(next.subtract(BigInteger.ONE));
      }
    }
    return end;
  }
}
