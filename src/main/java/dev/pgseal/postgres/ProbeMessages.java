package dev.pgseal.postgres;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The few messages of protocol 3.0 that a probe sends and reads (PostgreSQL manual §55.7). */
final class ProbeMessages {

  private static final int PROTOCOL_3_0 = 196608;
  private static final int MAX_MESSAGE = 64 * 1024;
  private static final int MAX_TEXT = 1024;
  private static final byte[] SSL_REQUEST = {0, 0, 0, 8, 4, (byte) 0xd2, 0x16, 0x2f};
  private static final byte[] TERMINATE = {'X', 0, 0, 0, 4};

  private ProbeMessages() {}

  static void sslRequest(OutputStream out) throws IOException {
    out.write(SSL_REQUEST);
    out.flush();
  }

  static void terminate(OutputStream out) throws IOException {
    out.write(TERMINATE);
    out.flush();
  }

  static void startup(OutputStream out, LoginAttempt attempt) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    parameter(body, "user", attempt.username());
    if (attempt.physicalReplication()) {
      parameter(body, "replication", "true");
    } else {
      parameter(body, "database", attempt.database());
    }
    parameter(body, "application_name", "pgseal");
    body.write(0);
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(packet);
    data.writeInt(body.size() + 8);
    data.writeInt(PROTOCOL_3_0);
    body.writeTo(data);
    out.write(packet.toByteArray());
    out.flush();
  }

  private static void parameter(ByteArrayOutputStream body, String name, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(name + " holds a NUL");
    }
    body.writeBytes(name.getBytes(StandardCharsets.UTF_8));
    body.write(0);
    body.writeBytes(value.getBytes(StandardCharsets.UTF_8));
    body.write(0);
  }

  /**
   * Reads what decides about a login; NegotiateProtocolVersion is skipped.
   *
   * @throws IOException when the connection ends or times out first
   */
  static LoginAnswer loginAnswer(InputStream stream) throws IOException {
    DataInputStream in = new DataInputStream(stream);
    while (true) {
      int type = in.read();
      switch (type) {
        case -1 -> throw new EOFException("the server closed the connection without an answer");
        case 'v' -> body(in, in.readInt());
        case 'R' -> {
          return authentication(body(in, in.readInt()));
        }
        case 'E' -> {
          return error(in);
        }
        default -> {
          return new LoginAnswer.Inconclusive(notPostgres(type));
        }
      }
    }
  }

  static String notPostgres(int firstByte) {
    return "answered with byte 0x%02x, which is not PostgreSQL's".formatted(firstByte);
  }

  private static ByteBuffer body(DataInputStream in, int length) throws IOException {
    if (length < 4 || length > MAX_MESSAGE) {
      throw new IOException("a message of " + length + " bytes is not PostgreSQL's");
    }
    byte[] content = new byte[length - 4];
    in.readFully(content);
    return ByteBuffer.wrap(content);
  }

  private static LoginAnswer authentication(ByteBuffer body) {
    if (body.remaining() < 4) {
      return new LoginAnswer.Inconclusive("answered with a short authentication request");
    }
    int code = body.getInt();
    return switch (code) {
      case 0 -> new LoginAnswer.Admitted("Ok");
      case 2 -> new LoginAnswer.Admitted("KerberosV5");
      case 3 -> new LoginAnswer.Admitted("CleartextPassword");
      case 5 -> new LoginAnswer.Admitted("MD5Password");
      case 7 -> new LoginAnswer.Admitted("GSS");
      case 9 -> new LoginAnswer.Admitted("SSPI");
      case 10 -> new LoginAnswer.Admitted("SASL " + String.join(",", strings(body)));
      default -> new LoginAnswer.Inconclusive("answered with unknown authentication " + code);
    };
  }

  private static LoginAnswer error(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 4 || length > MAX_MESSAGE) {
      return new LoginAnswer.Inconclusive(oldStyleText(in, length));
    }
    ByteBuffer body = body(in, length);
    String sqlState = "";
    String message = "";
    while (body.remaining() > 1) {
      byte field = body.get();
      String value = string(body);
      if (field == 'C') {
        sqlState = value;
      } else if (field == 'M') {
        message = value;
      }
    }
    return sqlState.startsWith("28") || sqlState.equals("F0000")
        ? new LoginAnswer.Refused(sqlState, message)
        : new LoginAnswer.Inconclusive(sqlState.isEmpty() ? message : sqlState + ": " + message);
  }

  /**
   * The text of an error from before the protocol is settled: {@code E}, text, NUL, no length
   * (postmaster.c: report_fork_failure_to_client).
   */
  static String oldStyleText(InputStream in) throws IOException {
    return oldStyleText(in, new ByteArrayOutputStream());
  }

  private static String oldStyleText(InputStream in, int firstFour) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    text.writeBytes(ByteBuffer.allocate(4).putInt(firstFour).array());
    return oldStyleText(in, text);
  }

  private static String oldStyleText(InputStream in, ByteArrayOutputStream text)
      throws IOException {
    int next = in.read();
    while (next > 0 && text.size() < MAX_TEXT) {
      text.write(next);
      next = in.read();
    }
    String shown = text.toString(StandardCharsets.UTF_8).strip();
    return "answered with an error before the protocol was settled: " + printable(shown);
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private static List<String> strings(ByteBuffer body) {
    List<String> result = new ArrayList<>();
    while (body.hasRemaining()) {
      String value = string(body);
      if (value.isEmpty()) {
        break;
      }
      result.add(printable(value));
    }
    return result;
  }

  private static String string(ByteBuffer body) {
    int start = body.position();
    while (body.hasRemaining() && body.get(body.position()) != 0) {
      body.position(body.position() + 1);
    }
    String value = new String(body.array(), start, body.position() - start, StandardCharsets.UTF_8);
    if (body.hasRemaining()) {
      body.get();
    }
    return value;
  }
}
