package dev.pgseal.certificate;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * For pgjdbc, which makes it by its class name: sockets that are connected to a port of ours
 * already, so that it asks no resolver for the host of its URL.
 */
public final class LoopbackSockets extends SocketFactory {

  private final int port;

  public LoopbackSockets(String port) {
    this.port = Integer.parseInt(port);
  }

  @Override
  public Socket createSocket() throws IOException {
    return new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress address, int port, InetAddress local, int localPort) {
    throw new UnsupportedOperationException();
  }
}
