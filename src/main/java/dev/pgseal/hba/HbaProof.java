package dev.pgseal.hba;

import dev.pgseal.hba.HbaDocument.Located;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Proves over the whole space of attempts that no plaintext TCP connection can be let in, or names
 * the doors that are open.
 *
 * <p>Each admitting rule that covers plaintext is cut into pairs of database and user word; of its
 * addresses those go that earlier rules decide for that pair <em>for sure</em>. What is left is a
 * door. When it cannot be said whether an earlier rule decides, it counts as a door: the answer
 * "none" is proof, a door need not be one.
 */
public final class HbaProof {

  /** Confirming a witness walks over the rules, so not every door of a huge file is confirmed. */
  private static final int MOST_CONFIRMED = 500;

  /** Open pairs of one rule that are tried in search of a witness. */
  private static final int MOST_TRIED = 16;

  /** Pairs of one rule that are looked at; of a larger rule all that is left is taken for one. */
  private static final int MOST_PAIRS = 100_000;

  private static final HbaToken ALL = new HbaToken("all", false);

  private final HbaDocument document;
  private final ProofOptions options;
  private final Coverage coverage;
  private final WitnessMaker witnesses;
  private final List<PlaintextDoor> doors = new ArrayList<>();

  private HbaProof(HbaDocument document, ProofOptions options) {
    this.document = document;
    this.options = options;
    this.coverage = new Coverage(new AddressBounds(options.interfaces()));
    this.witnesses = new WitnessMaker(document, options);
  }

  /**
   * At most one door per rule for ordinary logins and one for physical replication, from top to
   * bottom; empty means that plaintext over TCP is refused, whoever asks.
   *
   * @throws dev.pgseal.problem.PgsealException HBA_INVALID when PostgreSQL would not load this
   */
  public static List<PlaintextDoor> plaintextDoors(HbaDocument document, ProofOptions options) {
    document.requireLoadable();
    return new HbaProof(document, options).find();
  }

  private List<PlaintextDoor> find() {
    // clients of mapped IPv4 addresses arrive as IPv4: listening sockets are IPV6_V6ONLY
    coverage.except(range("::ffff:0:0", 96));
    if (options.exceptLoopback()) {
      coverage.except(range("127.0.0.0", 8));
      coverage.except(range("::1", 128));
    }
    for (Located located : document.located()) {
      if (located.entry() instanceof HbaUnread unread) {
        unreadDoor(unread);
      } else if (located.entry() instanceof HbaRule rule
          && rule.type().covers(Transport.PLAINTEXT)) {
        if (rule.admits()) {
          door(rule, false);
          door(rule, true);
        }
        coverage.add(rule);
      }
    }
    return doors;
  }

  private void unreadDoor(HbaUnread unread) {
    HbaToken replication = new HbaToken("replication", false);
    boolean shut =
        coverage.gap(null, new NamePair(ALL, ALL)) == null
            && coverage.gap(null, new NamePair(replication, ALL)) == null;
    if (!shut) {
      doors.add(
          new PlaintextDoor(null, unread.file(), unread.line(), false, "?", "?", "?", null, false));
    }
  }

  /** The first open pair of the rule, for one of the two kinds of login. */
  private void door(HbaRule rule, boolean physical) {
    PlaintextDoor unconfirmed = null;
    int looked = 0;
    int tried = 0;
    for (HbaToken database : rule.databases()) {
      if (database.isKeyword("replication") != physical || neverSent(database)) {
        continue;
      }
      for (HbaToken user : rule.users()) {
        var pair = new NamePair(database, user);
        if (++looked > MOST_PAIRS) {
          pair = new NamePair(new HbaToken(physical ? "replication" : "all", false), ALL);
        }
        AddressRange gap = neverSent(user) ? null : coverage.gap(rule.address(), pair);
        if (gap != null) {
          PlaintextDoor door = door(rule, pair, gap, physical);
          unconfirmed = unconfirmed == null || door.confirmed() ? door : unconfirmed;
          tried++;
        }
        boolean found = unconfirmed != null && unconfirmed.confirmed();
        if (found || tried >= MOST_TRIED || looked > MOST_PAIRS) {
          add(unconfirmed);
          return;
        }
      }
    }
    add(unconfirmed);
  }

  private void add(@Nullable PlaintextDoor door) {
    if (door != null) {
      doors.add(door);
    }
  }

  /** The server cuts names to 63 bytes and replaces or refuses empty ones before it matches. */
  private boolean neverSent(HbaToken token) {
    boolean literal = !token.isRegex(document.dialect()) && !token.isMembership();
    return literal && (token.text().isEmpty() || token.text().length() > HbaText.NAME_BYTES);
  }

  private PlaintextDoor door(HbaRule rule, NamePair pair, AddressRange gap, boolean physical) {
    Optional<ConnectionAttempt> witness = witnesses.make(pair, gap, physical);
    boolean confirmed =
        doors.size() < MOST_CONFIRMED && witness.filter(w -> decides(rule, w)).isPresent();
    return new PlaintextDoor(
        rule,
        rule.file(),
        rule.line(),
        physical,
        HbaText.toReadable(pair.database().text()),
        HbaText.toReadable(pair.user().text()),
        addresses(rule.address(), gap),
        witness.orElse(null),
        confirmed);
  }

  private boolean decides(HbaRule rule, ConnectionAttempt witness) {
    return HbaMatcher.decide(document, witness) instanceof HbaDecision.Decided decided
        && decided.rule().id().equals(rule.id());
  }

  private static String addresses(@Nullable HbaAddress address, AddressRange gap) {
    if (address instanceof HbaAddress.HostName name) {
      return "host name " + name.name();
    }
    if (address instanceof HbaAddress.SameHost) {
      return "samehost";
    }
    return address instanceof HbaAddress.SameNet ? "samenet" : gap.text();
  }

  private static AddressRange range(String ip, int bits) {
    InetAddress address = NumericAddress.parse(ip, HbaDialect.of(18)).orElseThrow();
    return AddressRange.prefix(address, bits);
  }
}
