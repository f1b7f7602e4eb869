package dev.pgseal.postgres;

import dev.pgseal.egress.EgressRule;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;

/**
 * The socket of a session with a managed server, which may be hostile: the answer to what was sent
 * last is bounded in bytes and in time. pgjdbc's own limits are for results and for silence; an
 * error message without an end, or a byte every now and then, would pass them.
 */
final class SessionSocket extends Socket {

  /** More than the longest that pgseal asks for: a file of 16 MiB, as hexadecimal digits. */
  static final int MOST_BYTES = 48 * 1024 * 1024;

  private final long answerNanos;
  private final EgressRule egress;
  private volatile long deadline;
  private volatile int bytesLeft;

  /**
   * @param answerTime from what was sent last to the last byte of the answer
   */
  SessionSocket(Duration answerTime, EgressRule egress) {
    this.answerNanos = answerTime.toNanos();
    this.egress = egress;
    sent();
  }

  static void requireAllowed(EgressRule egress, InetAddress address)
      throws RefusedAddressException {
    Optional<String> refusal = egress.refusal(address);
    if (refusal.isPresent()) {
      throw new RefusedAddressException(refusal.get());
    }
  }

  @Override
  public void connect(SocketAddress endpoint, int timeout) throws IOException {
    if (endpoint instanceof InetSocketAddress address && !address.isUnresolved()) {
      requireAllowed(egress, address.getAddress());
    }
    super.connect(endpoint, timeout);
    sent();
  }

  private void sent() {
    bytesLeft = MOST_BYTES;
    deadline = System.nanoTime() + answerNanos;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new Asking(super.getOutputStream());
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new Bounded(super.getInputStream());
  }

  private final class Asking extends FilterOutputStream {

    Asking(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      sent();
      out.write(source, offset, length);
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
      if (bytesLeft <= 0) {
        throw new IOException(
            "the server sent more than " + MOST_BYTES + " bytes in answer to one request");
      }
      if (System.nanoTime() - deadline > 0) {
        throw new SocketTimeoutException("the answer did not end in time");
      }
      int count = in.read(target, offset, Math.min(length, bytesLeft));
      if (count > 0) {
        bytesLeft -= count;
      }
      return count;
    }
  }
}
