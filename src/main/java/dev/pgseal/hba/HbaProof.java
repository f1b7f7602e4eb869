package dev.pgseal.hba;

import dev.pgseal.hba.HbaDocument.Located;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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

  /** Words that are looked at to confirm witnesses. */
  private static final long CONFIRMING_WORDS = 50_000_000;

  /** Open pairs of one rule that are tried in search of a witness. */
  private static final int MOST_TRIED = 16;

  /** Pairs of one rule that are looked at; of a larger rule all that is left is taken for one. */
  private static final int MOST_PAIRS = 100_000;

  /** What a regular expression costs more than a word. */
  private static final int REGEX_WORDS = 1000;

  private static final HbaToken ALL = new HbaToken("all", false);

  private final HbaDocument document;
  private final ProofOptions options;
  private final Coverage coverage;
  private final WitnessMaker witnesses;
  private final Effort effort = new Effort(HbaLimits.STEPS);
  private final Effort confirming = new Effort(CONFIRMING_WORDS);
  private final long words;
  private final List<PlaintextDoor> doors = new ArrayList<>();
  private int omitted;

  private HbaProof(HbaDocument document, ProofOptions options) {
    this.document = document;
    this.options = options;
    this.coverage = new Coverage(new AddressBounds(options.interfaces()), effort);
    this.witnesses = new WitnessMaker(document, options);
    this.words = document.rules().stream().mapToLong(this::words).sum();
  }

  /**
   * What a proof found.
   *
   * @param doors at most one per rule for ordinary logins and one for physical replication, from
   *     top to bottom, the first {@link HbaLimits#TOLD}
   * @param omitted how many there are beside these
   */
  public record Result(List<PlaintextDoor> doors, int omitted) {

    public Result {
      doors = List.copyOf(doors);
    }

    /** Without the generation line, whose user does not exist on a server that pgseal manages. */
    public Result withoutSentinel() {
      return new Result(
          doors.stream()
              .filter(door -> door.rule() == null || !HbaSentinel.isSentinel(door.rule()))
              .toList(),
          omitted);
    }

    /** What is proved. */
    public ProofVerdict verdict() {
      if (doors.isEmpty()) {
        return ProofVerdict.ENFORCED;
      }
      return doors.stream().anyMatch(PlaintextDoor::confirmed)
          ? ProofVerdict.NOT_ENFORCED
          : ProofVerdict.UNDECIDED;
    }
  }

  /**
   * The proof with its witnesses.
   *
   * @throws dev.pgseal.problem.PgsealException HBA_INVALID when PostgreSQL would not load this
   */
  public static Result prove(HbaDocument document, ProofOptions options) {
    document.requireLoadable();
    var proof = new HbaProof(document, options);
    proof.find();
    return new Result(proof.doors, proof.omitted);
  }

  /**
   * The doors of {@link #prove}; empty means that plaintext over TCP is refused, whoever asks.
   *
   * @throws dev.pgseal.problem.PgsealException HBA_INVALID when PostgreSQL would not load this
   */
  public static List<PlaintextDoor> plaintextDoors(HbaDocument document, ProofOptions options) {
    return prove(document, options).doors();
  }

  private void find() {
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
  }

  private void unreadDoor(HbaUnread unread) {
    HbaToken replication = new HbaToken("replication", false);
    boolean shut =
        coverage.gap(Transport.PLAINTEXT, null, new NamePair(ALL, ALL)) == null
            && coverage.gap(Transport.PLAINTEXT, null, new NamePair(replication, ALL)) == null;
    if (!shut) {
      add(new PlaintextDoor(null, unread.file(), unread.line(), false, "?", "?", "?", null, false));
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
        AddressRange gap =
            neverSent(user) ? null : coverage.gap(Transport.PLAINTEXT, rule.address(), pair);
        if (gap != null) {
          PlaintextDoor door = door(rule, pair, gap, physical);
          unconfirmed = unconfirmed == null || door.confirmed() ? door : unconfirmed;
          tried++;
        }
        boolean found = unconfirmed != null && unconfirmed.confirmed();
        boolean enough = unconfirmed != null && confirming.exhausted();
        if (found || enough || tried >= MOST_TRIED || looked > MOST_PAIRS) {
          add(unconfirmed);
          return;
        }
      }
    }
    add(unconfirmed);
  }

  private void add(@Nullable PlaintextDoor door) {
    if (door != null && doors.size() < HbaLimits.TOLD) {
      doors.add(door);
    } else if (door != null) {
      omitted++;
    }
  }

  /** The server cuts names to 63 bytes and replaces or refuses empty ones before it matches. */
  private boolean neverSent(HbaToken token) {
    boolean literal = !token.isRegex(document.dialect()) && !token.isMembership();
    return literal && (token.text().isEmpty() || token.text().length() > HbaText.NAME_BYTES);
  }

  private PlaintextDoor door(HbaRule rule, NamePair pair, AddressRange gap, boolean physical) {
    boolean look = doors.size() < MOST_CONFIRMED && !confirming.exhausted();
    Optional<ConnectionAttempt> witness =
        look ? witnesses.make(pair, gap, physical) : Optional.empty();
    boolean confirmed = witness.filter(w -> decides(rule, w)).isPresent();
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

  private long words(HbaRule rule) {
    long regexes =
        Stream.concat(rule.databases().stream(), rule.users().stream())
            .filter(token -> token.isRegex(document.dialect()))
            .count();
    return 1 + rule.databases().size() + rule.users().size() + regexes * REGEX_WORDS;
  }

  private boolean decides(HbaRule rule, ConnectionAttempt witness) {
    return confirming.spend(words)
        && HbaMatcher.decide(document, witness) instanceof HbaDecision.Decided decided
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
