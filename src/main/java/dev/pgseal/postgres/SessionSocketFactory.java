package dev.pgseal.postgres;

import dev.pgseal.egress.EgressRule;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.SocketFactory;

/**
 * Makes the sockets of pgjdbc's connections ({@code socketFactory}); told what holds for them by a
 * string ({@code socketFactoryArg}), for pgjdbc passes nothing else.
 */
public final class SessionSocketFactory extends SocketFactory {

  private final Duration answerTime;
  private final EgressRule egress;

  /**
   * @param argument as {@link #argument} makes it
   */
  public SessionSocketFactory(String argument) {
    String[] parts = argument.split(";", 2);
    this.answerTime = Duration.ofMillis(Long.parseLong(parts[0]));
    this.egress = EgressRule.parse(parts[1]);
  }

  /**
   * @param answerTime for the whole answer to a request
   */
  static String argument(Duration answerTime, EgressRule egress) {
    return answerTime.toMillis() + ";" + egress.text();
  }

  @Override
  public Socket createSocket() {
    return new SessionSocket(answerTime, egress);
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return createSocket(host, port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return createSocket(host, port);
  }

  private Socket connected(InetSocketAddress address) throws IOException {
    Socket socket = createSocket();
    socket.connect(address);
    return socket;
  }
}
