package dev.pgseal.egress;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * Addresses with a common prefix (RFC 4632 §3.1, RFC 4291 §2.3).
 *
 * @param bits length of the prefix
 */
public record Network(InetAddress address, int bits) {

  /** What {@link InetAddress#getByName} takes for an address and never looks up. */
  private static final Pattern LITERAL =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  public Network {
    int most = 8 * address.getAddress().length;
    if (bits < 0 || bits > most) {
      throw new IllegalArgumentException("a prefix has 0 to " + most + " bits, not " + bits);
    }
  }

  /**
   * @param text such as {@code 10.0.0.0/8}, {@code fd00::/8}, or one address
   * @throws IllegalArgumentException for anything else; names are not looked up
   */
  public static Network parse(String text) {
    String[] parts = text.strip().split("/", 2);
    if (!LITERAL.matcher(parts[0]).matches()) {
      throw new IllegalArgumentException(text + " is not a network such as 10.0.0.0/8");
    }
    try {
      InetAddress address = InetAddress.getByName(parts[0]);
      int bits = parts.length == 2 ? Integer.parseInt(parts[1]) : 8 * address.getAddress().length;
      return new Network(address, bits);
    } catch (UnknownHostException | NumberFormatException e) {
      throw new IllegalArgumentException(text + " is not a network such as 10.0.0.0/8", e);
    }
  }

  public boolean contains(InetAddress other) {
    byte[] mine = address.getAddress();
    byte[] theirs = other.getAddress();
    int host = 8 * mine.length - bits;
    return mine.length == theirs.length
        && new BigInteger(1, mine)
            .shiftRight(host)
            .equals(new BigInteger(1, theirs).shiftRight(host));
  }

  @Override
  public String toString() {
    return address.getHostAddress() + "/" + bits;
  }
}
