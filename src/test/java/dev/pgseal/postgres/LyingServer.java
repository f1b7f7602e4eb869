package dev.pgseal.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Listens on a loopback port and answers whatever it is told to, to every connection. */
final class LyingServer implements AutoCloseable {

  /** What is done with a connection; ends with it. */
  @FunctionalInterface
  interface Behaviour {
    void talk(InputStream in, OutputStream out) throws IOException;
  }

  private final ServerSocket listener;
  private final Thread thread;

  LyingServer(Behaviour behaviour) {
    try {
      listener = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread = new Thread(() -> serve(behaviour), "lying-server");
    thread.setDaemon(true);
    thread.start();
  }

  /** Reads one request, then sends these bytes and closes. */
  static LyingServer answering(byte... bytes) {
    return new LyingServer(
        (in, out) -> {
          in.readNBytes(8);
          out.write(bytes);
        });
  }

  static LyingServer answering(String text) {
    return answering(text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
  }

  int port() {
    return listener.getLocalPort();
  }

  private void serve(Behaviour behaviour) {
    while (!listener.isClosed()) {
      try (Socket socket = listener.accept()) {
        behaviour.talk(socket.getInputStream(), socket.getOutputStream());
        socket.shutdownOutput();
        socket.getInputStream().readAllBytes();
      } catch (IOException e) {
        // the prober left, or the test is over
      }
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      thread.interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
