package dev.pgseal.hba;

import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Random rules and random attempts that often meet: few names, few addresses, methods that can be
 * told apart from outside.
 */
final class RuleSpace {

  /** Made on each server. {@code sup} is a superuser and in no group. */
  static final String[] ROLES = {
    "CREATE ROLE g NOLOGIN",
    "CREATE ROLE h NOLOGIN IN ROLE g",
    "CREATE ROLE u1 LOGIN IN ROLE g",
    "CREATE ROLE u2 LOGIN NOINHERIT IN ROLE h",
    "CREATE ROLE u3 LOGIN",
    "CREATE ROLE sup LOGIN SUPERUSER",
  };

  /** All roles but those that initdb made. */
  static final String REMOVE_ROLES =
      """
      DO $$
      DECLARE role text;
      BEGIN
        FOR role IN SELECT rolname FROM pg_roles WHERE oid >= 16384 LOOP
          EXECUTE format('DROP ROLE %I', role);
        END LOOP;
      END $$\
      """;

  private static final Map<String, Set<String>> MEMBERSHIPS =
      Map.of("u1", Set.of("g"), "u2", Set.of("h", "g"), "h", Set.of("g"));

  private static final List<String> DATABASES =
      List.of(
          "all",
          "all",
          "d1",
          "d2",
          "u1",
          "g",
          "sameuser",
          "samerole",
          "samegroup",
          "replication",
          "\"replication\"",
          "\"all\"",
          "\"sameuser\"",
          "/^d",
          "/1$",
          "\"/^(d1|u1)$\"",
          "/",
          "D1");
  private static final List<String> USERS =
      List.of(
          "all",
          "all",
          "u1",
          "u2",
          "u3",
          "sup",
          "+g",
          "+h",
          "+u3",
          "\"+g\"",
          "\"all\"",
          "/^u[12]$",
          "/u",
          "/x|3",
          "nobody",
          "U1",
          "+nogroup",
          "+nobody");
  private static final List<String> ADDRESSES =
      List.of(
          "all",
          "all",
          "127.0.0.1/32",
          "127.0.0.0/8",
          "127.0.0.2/31",
          "127.0.0.1 255.0.0.255",
          "0.0.0.0/0",
          "::/0",
          "::1/128",
          "10.0.0.0/8",
          "samehost",
          "samenet",
          "127.0.0.4/30",
          "::ffff:127.0.0.1/96",
          "127.1/32",
          "0177.0.0.2/32");
  private static final List<String> METHODS =
      List.of("trust", "reject", "password", "scram-sha-256");
  private static final List<String> TYPES =
      List.of(
          "host", "host", "host", "hostssl", "hostnossl", "hostnogssenc", "hostgssenc", "local");
  private static final List<String> ASKED_DATABASES =
      List.of("d1", "d2", "u1", "u2", "g", "h", "replication", "all", "sameuser", "nodb", "nobody");
  private static final List<String> ASKED_USERS =
      List.of("u1", "u2", "u3", "sup", "nobody", "+g", "all", "h");
  private static final List<String> CLIENTS =
      List.of("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.5", "127.9.0.1", "::1");

  private final RandomGenerator random;
  private final boolean ipv6;
  private final ServerInterfaces interfaces;

  RuleSpace(RandomGenerator random) throws SocketException {
    this.random = random;
    this.interfaces = interfaces();
    this.ipv6 =
        interfaces.networks().stream()
            .anyMatch(n -> n.ip().getHostAddress().startsWith("0:0:0:0:0:0:0:1"));
  }

  String file(int most) {
    var file = new StringBuilder();
    for (String rule : rules(most)) {
      file.append(rule).append(of(METHODS)).append('\n');
    }
    return file.toString();
  }

  /** Rules as far as their methods. */
  List<String> rules(int most) {
    var rules = new ArrayList<String>();
    for (int i = 1 + random.nextInt(most); i > 0; i--) {
      String type = of(TYPES);
      String rule = type + ' ' + list(DATABASES) + ' ' + list(USERS) + ' ';
      rules.add(type.equals("local") ? rule : rule + of(ADDRESSES) + ' ');
    }
    return rules;
  }

  /**
   * The rules with methods by which they can be told apart: the numbers of the rules, written with
   * the four methods as digits.
   *
   * @param digit 0 for the last one; two tell 16 rules apart
   */
  static String numbered(List<String> rules, int digit) {
    var file = new StringBuilder();
    for (int i = 0; i < rules.size(); i++) {
      file.append(rules.get(i)).append(METHODS.get((i >> (2 * digit)) % 4)).append('\n');
    }
    return file.toString();
  }

  /** The value of the startup parameter {@code replication}. */
  @Nullable String replication() {
    return switch (random.nextInt(6)) {
      case 0 -> "true";
      case 1 -> "on";
      case 2 -> "database";
      case 3 -> "false";
      default -> null;
    };
  }

  ConnectionAttempt attempt(@Nullable String replication) {
    String database = of(ASKED_DATABASES);
    String user = of(ASKED_USERS);
    Transport transport =
        switch (random.nextInt(7)) {
          case 0 -> Transport.LOCAL;
          case 1, 2, 3 -> Transport.TLS;
          default -> Transport.PLAINTEXT;
        };
    return attempt(transport, database, user, replication);
  }

  ConnectionAttempt plaintextAttempt(@Nullable String replication) {
    return attempt(Transport.PLAINTEXT, of(ASKED_DATABASES), of(ASKED_USERS), replication);
  }

  private ConnectionAttempt attempt(
      Transport transport, String database, String user, @Nullable String replication) {
    ConnectionAttempt attempt =
        transport == Transport.LOCAL
            ? ConnectionAttempt.local(database, user)
            : ConnectionAttempt.tcp(client(), transport, database, user);
    attempt = attempt.withInterfaces(interfaces).withMembership(roles(user)::contains);
    return "true".equals(replication) || "on".equals(replication)
        ? attempt.asPhysicalReplication()
        : attempt;
  }

  /** Roles of which the user is a member; one that does not exist is not even one of itself. */
  static Set<String> roles(String user) {
    if (!Set.of("u1", "u2", "u3", "sup", "g", "h", "postgres").contains(user)) {
      return Set.of();
    }
    var roles = new HashSet<>(MEMBERSHIPS.getOrDefault(user, Set.of()));
    roles.add(user);
    return roles;
  }

  private InetAddress client() {
    return Hba.ip(CLIENTS.get(random.nextInt(CLIENTS.size() - (ipv6 ? 0 : 1))));
  }

  private String list(List<String> words) {
    var list = new StringBuilder(of(words));
    while (random.nextInt(3) == 0) {
      list.append(',').append(of(words));
    }
    return list.toString();
  }

  private String of(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  ServerInterfaces serverInterfaces() {
    return interfaces;
  }

  private static ServerInterfaces interfaces() throws SocketException {
    var networks = new ArrayList<HbaAddress.Network>();
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InterfaceAddress address : each.getInterfaceAddresses()) {
        byte[] ip = address.getAddress().getAddress();
        networks.add(
            new HbaAddress.Network(
                NumericAddress.ofBytes(ip),
                NumericAddress.mask(address.getNetworkPrefixLength(), ip.length)));
      }
    }
    return new ServerInterfaces(networks);
  }
}
