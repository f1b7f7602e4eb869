package dev.pgseal.hba;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the rules added so far decide for sure, for one transport: per pair of database and user
 * word the addresses. Whatever may or may not be covered counts as not covered.
 */
final class Coverage {

  /** A rule with more pairs than this is not remembered as covering: sound, and bounded. */
  private static final int MOST_PAIRS = 4096;

  /** Ranges stepped over before a search is given up as "not covered". */
  private static final int MOST_STEPS = 10_000;

  private final AddressBounds bounds;
  private final Map<String, Map<String, AddressSet>> covered = new HashMap<>();

  Coverage(AddressBounds bounds) {
    this.bounds = bounds;
  }

  /** Takes addresses out of the space for every pair. */
  void except(AddressRange range) {
    for (String database : List.of("keyword all", "keyword replication")) {
      set(database, "keyword all").add(range);
    }
  }

  void add(HbaRule rule) {
    if ((long) rule.databases().size() * rule.users().size() > MOST_PAIRS) {
      return;
    }
    List<AddressRange> ranges = bounds.surely(rule.address());
    for (HbaToken database : rule.databases()) {
      for (HbaToken user : rule.users()) {
        AddressSet set = set(NamePair.databaseKey(database), NamePair.userKey(user));
        ranges.forEach(set::add);
      }
    }
  }

  private AddressSet set(String database, String user) {
    return covered
        .computeIfAbsent(database, key -> new HashMap<>())
        .computeIfAbsent(user, key -> new AddressSet());
  }

  /** Addresses of the field, for that pair, that nothing decides yet; null when there are none. */
  @Nullable AddressRange gap(@Nullable HbaAddress address, NamePair pair) {
    List<AddressSet> sets = sets(pair);
    for (AddressRange range : bounds.atMost(address)) {
      AddressRange gap = gap(range, sets);
      if (gap != null) {
        return gap;
      }
    }
    return null;
  }

  private List<AddressSet> sets(NamePair pair) {
    var sets = new ArrayList<AddressSet>(4);
    for (String database : pair.databaseCovers()) {
      Map<String, AddressSet> users = covered.getOrDefault(database, Map.of());
      for (String user : pair.userCovers()) {
        AddressSet set = users.get(user);
        if (set != null) {
          sets.add(set);
        }
      }
    }
    return sets;
  }

  private static @Nullable AddressRange gap(AddressRange range, List<AddressSet> sets) {
    BigInteger at = range.low();
    for (int step = 0; step < MOST_STEPS; step++) {
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
