package dev.pgseal.postgres;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Locale;

/**
 * A ClientHello (RFC 5246 §7.4.1.2) that no TLS library of today sends, and the server's first
 * record after it, which is not encrypted. The handshake goes no further.
 */
final class HelloMessages {

  private static final int HANDSHAKE = 22;
  private static final int ALERT = 21;
  private static final int SERVER_HELLO = 2;
  private static final int TLS_1_0 = 0x0301;
  private static final int MAX_RECORD = 1 << 14;

  /**
   * supported_groups, ec_point_formats, signature_algorithms (RFC 8422 §5.1, RFC 5246 §7.4.1.4).
   */
  private static final int[] EXTENSIONS = {
    0, 10, 0, 10, 0, 8, 0, 29, 0, 23, 0, 24, 0, 25, 0, 11, 0, 2, 1, 0, 0, 13, 0, 14, 0, 12, 4, 3, 4,
    1, 5, 1, 6, 1, 2, 3, 2, 1
  };

  private static final SecureRandom RANDOM = new SecureRandom();

  private HelloMessages() {}

  static void send(OutputStream out, TlsOffer offer) throws IOException {
    byte[] hello = clientHello(offer);
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(record);
    data.writeByte(HANDSHAKE);
    data.writeShort(TLS_1_0);
    data.writeShort(hello.length + 4);
    data.writeInt(1 << 24 | hello.length);
    data.write(hello);
    out.write(record.toByteArray());
    out.flush();
  }

  private static byte[] clientHello(TlsOffer offer) {
    ByteArrayOutputStream hello = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(hello);
    byte[] random = new byte[32];
    RANDOM.nextBytes(random);
    try {
      data.writeShort(offer.version());
      data.write(random);
      data.writeByte(0); // no session to resume
      data.writeShort(2 * offer.suites().size() + 2);
      for (int suite : offer.suites().keySet()) {
        data.writeShort(suite);
      }
      data.writeShort(0x00ff); // secure renegotiation, RFC 5746 §3.3
      data.writeShort(0x0100); // one compression method: none
      data.writeShort(EXTENSIONS.length);
      for (int octet : EXTENSIONS) {
        data.writeByte(octet);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return hello.toByteArray();
  }

  static TlsOfferAnswer answer(InputStream stream, TlsOffer offer) throws IOException {
    DataInputStream in = new DataInputStream(stream);
    int type = in.read();
    if (type < 0) {
      return new TlsOfferAnswer.Refused("the server closed the connection");
    }
    in.readUnsignedShort();
    int length = in.readUnsignedShort();
    if (length > MAX_RECORD || (type != HANDSHAKE && type != ALERT)) {
      return new TlsOfferAnswer.Inconclusive("the answer is not TLS");
    }
    byte[] content = in.readNBytes(length);
    ByteBuffer body = ByteBuffer.wrap(content);
    if (type == ALERT) {
      return new TlsOfferAnswer.Refused(
          "alert " + (content.length < 2 ? "without a reason" : content[1] & 0xff));
    }
    return serverHello(body, offer);
  }

  private static TlsOfferAnswer serverHello(ByteBuffer body, TlsOffer offer) {
    // message type and length, version, random, session id
    if (body.remaining() < 39 || body.get(0) != SERVER_HELLO) {
      return new TlsOfferAnswer.Inconclusive("the answer is no ServerHello");
    }
    int version = body.getShort(4) & 0xffff;
    int suiteAt = 39 + (body.get(38) & 0xff);
    if (body.limit() < suiteAt + 2) {
      return new TlsOfferAnswer.Inconclusive("the ServerHello is cut off");
    }
    int suite = body.getShort(suiteAt) & 0xffff;
    String cipher = offer.suites().get(suite);
    return cipher == null || version > offer.version()
        ? new TlsOfferAnswer.Inconclusive("the server chose what was not offered")
        : new TlsOfferAnswer.Accepted(protocol(version), cipher);
  }

  private static String protocol(int version) {
    return switch (version) {
      case 0x0300 -> "SSLv3";
      case 0x0301 -> "TLSv1";
      case 0x0302 -> "TLSv1.1";
      case 0x0303 -> "TLSv1.2";
      default -> String.format(Locale.ROOT, "0x%04x", version);
    };
  }
}
