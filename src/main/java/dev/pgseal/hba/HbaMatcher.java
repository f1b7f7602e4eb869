package dev.pgseal.hba;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rule that decides over a connection attempt: the first that matches in connection type,
 * address, database and user (hba.c, check_hba). When a rule before it may or may not match, the
 * answer is {@link HbaDecision.Undecidable}, never a guess.
 */
public final class HbaMatcher {

  private final HbaDialect dialect;
  private final ConnectionAttempt attempt;
  private final String database;
  private final String user;
  private final Effort regexLooks = new Effort(HbaLimits.REGEX_LOOKS);
  private String unknown = "";

  private HbaMatcher(HbaDialect dialect, ConnectionAttempt attempt) {
    this.dialect = dialect;
    this.attempt = attempt;
    this.database = HbaText.ofClientName(attempt.database());
    this.user = HbaText.ofClientName(attempt.user());
  }

  /** What the document says to the attempt, if PostgreSQL loads the document. */
  public static HbaDecision decide(HbaDocument document, ConnectionAttempt attempt) {
    if (document.refused()) {
      return new HbaDecision.Undecidable(
          "PostgreSQL would refuse this file: " + document.refusal().orElse(""), null);
    }
    return new HbaMatcher(document.dialect(), attempt).decide(document);
  }

  private HbaDecision decide(HbaDocument document) {
    for (HbaDocument.Located located : document.located()) {
      if (located.entry() instanceof HbaUnread unread) {
        return new HbaDecision.Undecidable(
            "line "
                + unread.line()
                + " of "
                + unread.file()
                + " refers to "
                + unread.reference()
                + ", which was not read",
            null);
      }
      HbaRule rule = (HbaRule) located.entry();
      switch (matches(rule)) {
        case YES -> {
          return new HbaDecision.Decided(rule);
        }
        case UNKNOWN -> {
          return new HbaDecision.Undecidable(unknown, rule);
        }
        default -> {
          // the next rule is tried
        }
      }
    }
    return new HbaDecision.NoMatch();
  }

  private Match matches(HbaRule rule) {
    if (!rule.type().covers(attempt.transport()) || rule.cannotMatch() != null) {
      return Match.NO;
    }
    Match match = address(rule.address());
    if (match != Match.NO) {
      match = match.and(databases(rule.databases()));
    }
    return match == Match.NO ? match : match.and(users(rule.users()));
  }

  private Match address(@Nullable HbaAddress address) {
    InetAddress client = attempt.client();
    if (address == null || client == null || address instanceof HbaAddress.All) {
      return Match.YES;
    }
    if (address instanceof HbaAddress.Network network) {
      return Match.of(network.contains(client));
    }
    if (address instanceof HbaAddress.HostName name) {
      return hostName(name);
    }
    return interfaces(client, address instanceof HbaAddress.SameHost);
  }

  private Match hostName(HbaAddress.HostName name) {
    String known = attempt.hostName();
    return known == null
        ? unknown("it depends on DNS whether the client is " + name.name())
        : Match.of(name.matches(known));
  }

  private Match interfaces(InetAddress client, boolean sameHost) {
    ServerInterfaces known = attempt.interfaces();
    if (known == null) {
      return unknown("the addresses of the server's interfaces are not known");
    }
    return Match.of(
        known.networks().stream()
            .anyMatch(
                network ->
                    sameHost
                        ? Arrays.equals(network.ip().getAddress(), client.getAddress())
                        : network.contains(client)));
  }

  /** check_db. */
  private Match databases(List<HbaToken> tokens) {
    Match match = Match.NO;
    for (HbaToken token : tokens) {
      match = match.or(database(token));
      if (match == Match.YES) {
        return match;
      }
    }
    return match;
  }

  private Match database(HbaToken token) {
    if (attempt.physicalReplication()) {
      return Match.of(token.isKeyword("replication"));
    }
    if (token.isKeyword("all")) {
      return Match.YES;
    }
    if (token.isKeyword("sameuser")) {
      return Match.of(database.equals(user));
    }
    if (token.isKeyword("samerole") || token.isKeyword("samegroup")) {
      return member(database);
    }
    if (token.isKeyword("replication")) {
      return Match.NO;
    }
    return name(token, database);
  }

  /** check_role. */
  private Match users(List<HbaToken> tokens) {
    Match match = Match.NO;
    for (HbaToken token : tokens) {
      match = match.or(user(token));
      if (match == Match.YES) {
        return match;
      }
    }
    return match;
  }

  private Match user(HbaToken token) {
    if (token.isMembership()) {
      return member(token.text().substring(1));
    }
    return token.isKeyword("all") ? Match.YES : name(token, user);
  }

  private Match name(HbaToken token, String name) {
    if (!token.isRegex(dialect)) {
      return Match.of(token.text().equals(name));
    }
    Match match = PostgresRegex.compile(token.text().substring(1)).find(name, regexLooks);
    return match == Match.UNKNOWN
        ? unknown(
            "the regular expression "
                + HbaText.shortened(HbaText.toReadable(token.text()), HbaLimits.SENTENCE)
                + " uses what only PostgreSQL can decide")
        : match;
  }

  private Match member(String role) {
    var membership = attempt.memberOf();
    return membership == null
        ? unknown(
            "the roles of "
                + attempt.user()
                + " are not known, and it matters whether it is a"
                + " member of "
                + HbaText.toReadable(role))
        : Match.of(membership.test(HbaText.toReadable(role)));
  }

  private Match unknown(String why) {
    unknown = Objects.requireNonNull(why);
    return Match.UNKNOWN;
  }
}
