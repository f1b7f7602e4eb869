package dev.pgseal.hba;

import dev.pgseal.testing.PostgresServer;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Logs in as far as the first answer, from a chosen source address; no password is needed. */
final class RawLogin {

  /** What the rules did with it, as far as it shows. */
  enum Outcome {
    /** {@code trust}. */
    OK,
    /** {@code password}. */
    CLEARTEXT,
    /** {@code scram-sha-256}. */
    SASL,
    REJECTED,
    NO_ENTRY,
    /** Refused by a method that asks nothing, such as {@code ident}. */
    OTHER
  }

  private static final byte[] SSL_REQUEST = {0, 0, 0, 8, 4, (byte) 0xd2, 0x16, 0x2f};
  private static final SSLSocketFactory ANY_CERTIFICATE = anyCertificate();

  private final PostgresServer server;

  RawLogin(PostgresServer server) {
    this.server = server;
  }

  /**
   * @param replication value of the startup parameter, null to leave it out
   */
  Outcome attempt(ConnectionAttempt attempt, @Nullable String replication) throws IOException {
    byte[] startup = startup(attempt, replication);
    InetAddress client = attempt.client();
    if (client == null) {
      try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(server.socket()));
        return ask(Channels.newInputStream(channel), Channels.newOutputStream(channel), startup);
      }
    }
    try (var socket = new Socket()) {
      socket.setSoTimeout(20_000);
      socket.setTcpNoDelay(true);
      socket.bind(new InetSocketAddress(client, 0));
      String host = client.getAddress().length == 16 ? "::1" : "127.0.0.1";
      socket.connect(new InetSocketAddress(InetAddress.getByName(host), server.port()), 20_000);
      if (attempt.transport() == Transport.PLAINTEXT) {
        return ask(socket.getInputStream(), socket.getOutputStream(), startup);
      }
      socket.getOutputStream().write(SSL_REQUEST);
      if (socket.getInputStream().read() != 'S') {
        throw new IOException("no TLS");
      }
      try (Socket tls = ANY_CERTIFICATE.createSocket(socket, host, server.port(), true)) {
        return ask(tls.getInputStream(), tls.getOutputStream(), startup);
      }
    }
  }

  private static byte[] startup(ConnectionAttempt attempt, @Nullable String replication)
      throws IOException {
    var body = new ByteArrayOutputStream();
    parameter(body, "user", attempt.user());
    parameter(body, "database", attempt.database());
    if (replication != null) {
      parameter(body, "replication", replication);
    }
    body.write(0);
    var packet = new ByteArrayOutputStream();
    var data = new DataOutputStream(packet);
    data.writeInt(body.size() + 8);
    data.writeInt(196608);
    body.writeTo(data);
    return packet.toByteArray();
  }

  private static void parameter(ByteArrayOutputStream body, String name, String value) {
    for (String text : new String[] {name, value}) {
      body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
      body.write(0);
    }
  }

  private static Outcome ask(InputStream stream, OutputStream out, byte[] startup)
      throws IOException {
    out.write(startup);
    out.flush();
    var in = new DataInputStream(stream);
    int type = in.readUnsignedByte();
    byte[] body = new byte[in.readInt() - 4];
    in.readFully(body);
    if (type == 'R') {
      return switch (body[3]) {
        case 0 -> Outcome.OK;
        case 3 -> Outcome.CLEARTEXT;
        case 10 -> Outcome.SASL;
        default -> throw new IOException("authentication request " + body[3]);
      };
    }
    String text = new String(body, StandardCharsets.ISO_8859_1);
    if (text.contains("pg_hba.conf rejects")) {
      return Outcome.REJECTED;
    }
    if (text.contains("no pg_hba.conf entry")) {
      return Outcome.NO_ENTRY;
    }
    if (text.contains("authentication failed")) {
      return Outcome.OTHER;
    }
    throw new IOException("unexpected answer " + (char) type + " " + text.replace('\0', ' '));
  }

  private static SSLSocketFactory anyCertificate() {
    var trusting =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String authType) {
            throw new UnsupportedOperationException();
          }

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String authType) {
            Objects.requireNonNull(chain);
          }

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {trusting}, new SecureRandom());
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
