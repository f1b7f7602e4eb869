package dev.pgseal.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The way to a server through another address of this host, at the server's own port: the server
 * sees clients that come from there. The way can be cut: what is sent is lost sight of, and nobody
 * is told.
 */
final class Relay implements AutoCloseable {

  /** All of 127.0.0.0/8 is this host, on Linux. */
  static final String ADDRESS = "127.0.0.2";

  private final InetAddress address;
  private final InetSocketAddress server;
  private final ServerSocket listener;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private boolean cut;

  Relay(String host, int port) {
    try {
      address = InetAddress.getByName(ADDRESS);
      server = new InetSocketAddress(host, port);
      listener = new ServerSocket(port, 50, address);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Tunnel.start(this::accept);
  }

  synchronized void cut() {
    cut = true;
  }

  synchronized void mend() {
    cut = false;
    notifyAll();
  }

  private void accept() {
    while (!listener.isClosed()) {
      Socket client = next();
      if (client != null) {
        Tunnel.start(() -> forward(client));
      }
    }
  }

  private @Nullable Socket next() {
    try {
      return listener.accept();
    } catch (IOException e) {
      return null;
    }
  }

  private void forward(Socket client) {
    try {
      awaitMended();
      Socket there = new Socket();
      sockets.add(client);
      sockets.add(there);
      there.bind(new InetSocketAddress(address, 0));
      there.connect(server);
      Tunnel.start(() -> pump(there, client));
      pump(client, there);
    } catch (IOException e) {
      close(client);
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[8192];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      int n = in.read(buffer);
      while (n >= 0) {
        awaitMended();
        out.write(buffer, 0, n);
        n = in.read(buffer);
      }
      awaitMended();
    } catch (IOException e) {
      // either end is gone: so is the other
    }
    close(from);
    close(to);
  }

  private synchronized void awaitMended() throws IOException {
    while (cut) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // it is gone
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    mend();
    sockets.forEach(Relay::close);
  }
}
