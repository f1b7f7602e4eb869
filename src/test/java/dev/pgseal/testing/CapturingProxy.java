package dev.pgseal.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands on loopback before a server and keeps every byte that passes, as a listener would. */
public final class CapturingProxy implements AutoCloseable {

  private final PostgresServer server;
  private final ServerSocket listener;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<ByteArrayOutputStream> directions = new CopyOnWriteArrayList<>();

  public CapturingProxy(PostgresServer server) throws IOException {
    this.server = server;
    this.listener = new ServerSocket(0, 50, InetAddress.getByName(server.host()));
    daemon(this::accept);
  }

  public String host() {
    return server.host();
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** What was seen so far, each direction of each connection for itself, one after another. */
  public byte[] seen() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteArrayOutputStream direction : directions) {
      byte[] bytes = direction.toByteArray();
      all.write(bytes, 0, bytes.length);
    }
    return all.toByteArray();
  }

  /** The same for reading; a byte is a character. */
  public String seenText() {
    return new String(seen(), StandardCharsets.ISO_8859_1);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket upstream = new Socket(server.host(), server.port());
        sockets.addAll(List.of(client, upstream));
        daemon(() -> copy(client, upstream));
        daemon(() -> copy(upstream, client));
      } catch (IOException e) {
        // closed, or a server that is restarting: the client sees its connection end
      }
    }
  }

  private void copy(Socket from, Socket to) {
    ByteArrayOutputStream direction = new ByteArrayOutputStream();
    directions.add(direction);
    byte[] buffer = new byte[8192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        // kept before it is passed on, so that what was answered was seen
        direction.write(buffer, 0, length);
        out.write(buffer, 0, length);
      }
    } catch (IOException e) {
      // one side is gone, and with this the other
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "capturing-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
