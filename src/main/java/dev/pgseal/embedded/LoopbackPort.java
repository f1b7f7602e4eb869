package dev.pgseal.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** TCP ports for servers of our own on the loopback addresses. */
public final class LoopbackPort {

  private static final int ATTEMPTS = 50;

  private LoopbackPort() {}

  /**
   * A port that is free on 127.0.0.1 and, where the machine has it, on ::1. Somebody else may take
   * it before its user does: starting on it must be tried again with another one.
   */
  public static int free() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress("127.0.0.1", 0));
        int port = socket.getLocalPort();
        if (!ipv6() || canBind("::1", port)) {
          return port;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    throw new IllegalStateException("no port is free on both 127.0.0.1 and ::1");
  }

  /** {@code 127.0.0.1} and, where the machine has it, {@code ::1}: for {@code listen_addresses}. */
  public static String addresses() {
    return ipv6() ? "127.0.0.1,::1" : "127.0.0.1";
  }

  private static boolean ipv6() {
    return canBind("::1", 0);
  }

  private static boolean canBind(String address, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
