package dev.pgseal.postgres;

import dev.pgseal.egress.EgressRule;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * A socket for talking to a server that may lie: every read ends by the deadline of the whole
 * conversation, and no more than a fixed number of bytes is taken from it. A TLS socket layered
 * over it is bound in the same way.
 */
final class BoundedSocket extends Socket {

  private final long deadline;
  private final int readTimeoutMillis;
  private int bytesLeft;
  private boolean deaf;

  /**
   * @param overall for everything from the connection to the last byte
   * @param read longest silence of the server
   * @param maxBytes taken in all
   */
  BoundedSocket(Duration overall, Duration read, int maxBytes) {
    this.deadline = System.nanoTime() + overall.toNanos();
    this.readTimeoutMillis = Math.toIntExact(read.toMillis());
    this.bytesLeft = maxBytes;
  }

  void connect(String host, int port, Duration timeout, EgressRule egress) throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new java.net.UnknownHostException(host);
    }
    SessionSocket.requireAllowed(egress, address.getAddress());
    connect(address, Math.min(Math.toIntExact(timeout.toMillis()), millisLeft()));
    setTcpNoDelay(true);
  }

  /**
   * From now on a write that fails says nothing: the server has closed, and what it said before
   * that is still to be read.
   */
  void ignoreFailedWrites() {
    deaf = true;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new Lenient(super.getOutputStream());
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new Bounded(super.getInputStream());
  }

  private int millisLeft() throws SocketTimeoutException {
    long left = (deadline - System.nanoTime()) / 1_000_000;
    if (left <= 0) {
      throw new SocketTimeoutException("the conversation took too long");
    }
    return (int) Math.min(left, Integer.MAX_VALUE);
  }

  private final class Lenient extends FilterOutputStream {

    Lenient(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      try {
        out.write(source, offset, length);
      } catch (IOException e) {
        if (!deaf) {
          throw e;
        }
      }
    }
  }

  private final class Bounded extends FilterInputStream {

    Bounded(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (bytesLeft == 0) {
        throw new IOException("the server sent far more than an answer");
      }
      setSoTimeout(Math.min(readTimeoutMillis, millisLeft()));
      int count = in.read(target, offset, Math.min(length, bytesLeft));
      if (count > 0) {
        bytesLeft -= count;
      }
      return count;
    }
  }
}
