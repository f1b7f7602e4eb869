package dev.pgseal.hba;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** The server's network interfaces, for {@code samehost} and {@code samenet}. */
public record ServerInterfaces(List<HbaAddress.Network> networks) {

  private static final int MOST_BITS = 3;

  public ServerInterfaces {
    networks = List.copyOf(networks);
  }

  /**
   * Of addresses with the length of their network's prefix, as {@code ip address} shows them: the
   * bits behind the prefix are the server's own.
   *
   * @throws PgsealException VALIDATION_FAILED for what is no such address
   */
  public static ServerInterfaces of(List<String> addresses) {
    return new ServerInterfaces(addresses.stream().map(ServerInterfaces::network).toList());
  }

  private static HbaAddress.Network network(String address) {
    int slash = address.indexOf('/');
    Optional<InetAddress> ip =
        slash < 0
            ? Optional.empty()
            : NumericAddress.parse(address.substring(0, slash), HbaDialect.of(18));
    String bits = address.substring(slash + 1);
    if (ip.isPresent() && bits.length() <= MOST_BITS && bits.matches("[0-9]+")) {
      int length = ip.get().getAddress().length;
      if (Integer.parseInt(bits) <= 8 * length) {
        return new HbaAddress.Network(
            ip.get(), NumericAddress.mask(Integer.parseInt(bits), length));
      }
    }
    throw new PgsealException(
            ProblemType.VALIDATION_FAILED,
            "An interface must be an address with its prefix length, unlike "
                + HbaText.shortened(address, 100))
        .with("field", "server.interfaces")
        .hint("Such as 10.0.0.5/24 or fd00::5/64");
  }
}
