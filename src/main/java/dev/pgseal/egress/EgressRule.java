package dev.pgseal.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Says whether pgseal may connect to an address that somebody else chose. Ask it about the address
 * that is really connected to: a name may mean another one at each lookup.
 *
 * <p>Refused whatever is configured: unspecified addresses (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2),
 * broadcast and multicast. Refused unless {@code allow} has them: link-local addresses (RFC 3927,
 * RFC 4291 §2.5.6), where clouds answer with credentials, that service's IPv6 address, and {@code
 * deny}. An IPv6 address that carries an IPv4 address is judged as both.
 *
 * @param deny networks that are refused as well; {@code 0.0.0.0/0} and {@code ::/0} for all
 * @param allow exceptions from {@code deny} and from link-local
 */
public record EgressRule(List<Network> deny, List<Network> allow) {

  private static final List<Network> NEVER =
      networks("0.0.0.0/8", "224.0.0.0/4", "255.255.255.255", "::", "ff00::/8");

  private static final List<Network> LINK_LOCAL =
      networks("169.254.0.0/16", "fe80::/10", "fd00:ec2::254");

  /** RFC 6052 §2.1, RFC 8215, RFC 4291 §2.5.5; the IPv4 address is in the last four octets. */
  private static final List<Network> CARRY_IPV4 =
      networks("64:ff9b::/96", "64:ff9b:1::/48", "::/96");

  /** RFC 3056 §2: the IPv4 address follows the first two octets. */
  private static final Network SIX_TO_FOUR = Network.parse("2002::/16");

  public static final EgressRule DEFAULT = new EgressRule(List.of(), List.of());

  public EgressRule {
    deny = List.copyOf(deny);
    allow = List.copyOf(allow);
  }

  /** The rule as {@link #parse} takes it, for what is configured by texts only. */
  public String text() {
    return joined(deny) + ";" + joined(allow);
  }

  public static EgressRule parse(String text) {
    String[] lists = text.split(";", 2);
    return new EgressRule(split(lists[0]), split(lists[1]));
  }

  private static String joined(List<Network> networks) {
    return networks.stream().map(Network::toString).collect(Collectors.joining(","));
  }

  private static List<Network> split(String list) {
    return list.isEmpty() ? List.of() : networks(list.split(","));
  }

  /** Empty when it is allowed, else why it is not, such as {@code 169.254.1.1 is link-local}. */
  public Optional<String> refusal(InetAddress address) {
    return judge(address).or(() -> carried(address).flatMap(this::judge));
  }

  private Optional<String> judge(InetAddress address) {
    if (within(NEVER, address)) {
      return Optional.of(
          address.getHostAddress() + " is an unspecified, broadcast or multicast address");
    }
    if (within(allow, address)) {
      return Optional.empty();
    }
    if (within(LINK_LOCAL, address)) {
      return Optional.of(
          address.getHostAddress() + " is link-local, where metadata services answer");
    }
    return deny.stream()
        .filter(network -> network.contains(address))
        .findFirst()
        .map(network -> address.getHostAddress() + " is in " + network + " of pgseal.egress.deny");
  }

  private static boolean within(List<Network> networks, InetAddress address) {
    return networks.stream().anyMatch(network -> network.contains(address));
  }

  private static Optional<InetAddress> carried(InetAddress address) {
    byte[] octets = address.getAddress();
    if (SIX_TO_FOUR.contains(address)) {
      return Optional.of(ipv4(Arrays.copyOfRange(octets, 2, 6)));
    }
    if (within(CARRY_IPV4, address) && !address.isLoopbackAddress()) {
      return Optional.of(ipv4(Arrays.copyOfRange(octets, 12, 16)));
    }
    return Optional.empty();
  }

  private static InetAddress ipv4(byte[] octets) {
    try {
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("Four octets are an address", e);
    }
  }

  private static List<Network> networks(String... texts) {
    return Arrays.stream(texts).map(Network::parse).toList();
  }
}
