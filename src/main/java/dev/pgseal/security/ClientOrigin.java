package dev.pgseal.security;

import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Where a request comes from, for counting: an IPv4 address, or the /64 of an IPv6 address, for
 * that is what one subscriber has (RFC 6177 §2) and could change addresses in.
 */
final class ClientOrigin {

  private static final int IPV4_BYTES = 4;
  private static final int SUBNET_BYTES = 8;

  private ClientOrigin() {}

  static String of(HttpServerRequest request) {
    SocketAddress address = request.remoteAddress();
    String host = address == null ? null : address.hostAddress();
    return of(host == null ? "unknown" : host);
  }

  /**
   * @param address a literal; anything else is its own origin
   */
  static String of(String address) {
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
    if (bytes == null || bytes.length == IPV4_BYTES) {
      return address;
    }
    return HexFormat.of().formatHex(Arrays.copyOf(bytes, SUBNET_BYTES)) + "/64";
  }
}
