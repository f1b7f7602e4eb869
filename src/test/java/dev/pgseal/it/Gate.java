package dev.pgseal.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/**
 * A port in front of a server. Connections are accepted at once, and go through once it is opened:
 * until then whoever needs the server waits.
 */
final class Gate implements AutoCloseable {

  private final ServerSocket listener;
  private final int target;
  private final CountDownLatch opened = new CountDownLatch(1);
  private final Queue<Socket> waiting = new ConcurrentLinkedQueue<>();

  private Gate(ServerSocket listener, int target) {
    this.listener = listener;
    this.target = target;
  }

  /**
   * @param target the port on loopback that it leads to
   */
  static Gate closedBefore(int target) {
    try {
      Gate gate = new Gate(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
      Tunnel.start(gate::accept);
      return gate;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return listener.getLocalPort();
  }

  /** How many have come so far. */
  int arrived() {
    return waiting.size();
  }

  void open() {
    opened.countDown();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        waiting.add(client);
        Tunnel.start(() -> lead(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void lead(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), pass())) {
      Tunnel.join(client, server);
    } catch (IOException e) {
      // one of them has left
    }
  }

  private int pass() {
    try {
      opened.await();
      return target;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket client : waiting) {
        client.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
