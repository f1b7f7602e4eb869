package dev.pgseal.demo;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Asks a server on the wire, with code that pgseal has no part in, so that the demonstration does
 * not prove pgseal by pgseal (PostgreSQL protocol 3.0, messages SSLRequest and StartupMessage).
 */
final class WireProbe {

  private static final int SSL_REQUEST = 80877103;
  private static final int PROTOCOL_3_0 = 196608;
  private static final int TIMEOUT = (int) Duration.ofSeconds(10).toMillis();
  private static final int MAX_MESSAGE = 100_000;

  private final String host;
  private final int port;

  WireProbe(String host, int port) {
    this.host = host;
    this.port = port;
  }

  /**
   * What became of a plaintext login, up to the server's first message.
   *
   * @param text the SQLSTATE and message of a refusal, or what the server asked for
   */
  record Login(boolean admitted, String sqlState, String text) {
    boolean refusedByRules() {
      return !admitted && sqlState.equals("28000");
    }
  }

  /** The leaf certificate of a handshake; empty when the server answers {@code N}. */
  Optional<X509Certificate> servedCertificate() throws IOException {
    try (Socket socket = connect()) {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(8);
      out.writeInt(SSL_REQUEST);
      int answer = socket.getInputStream().read();
      if (answer == 'N') {
        return Optional.empty();
      }
      if (answer != 'S') {
        throw new IOException("SSLRequest answered with byte " + answer);
      }
      try (SSLSocket tls =
          (SSLSocket) anyCertificate().getSocketFactory().createSocket(socket, host, port, true)) {
        tls.startHandshake();
        return Optional.of((X509Certificate) tls.getSession().getPeerCertificates()[0]);
      }
    }
  }

  /**
   * Tries to log in without TLS and without going on to the password.
   *
   * @param physicalReplication as a walreceiver would; the database is not sent then
   */
  Login plaintextLogin(String user, String database, boolean physicalReplication)
      throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(startupMessage(user, database, physicalReplication));
      DataInputStream in = new DataInputStream(socket.getInputStream());
      int type = in.readUnsignedByte();
      int length = in.readInt() - 4;
      if (length < 0 || length > MAX_MESSAGE) {
        throw new IOException("not a PostgreSQL message");
      }
      byte[] body = in.readNBytes(length);
      return switch (type) {
        case 'R' -> new Login(true, "", "admitted, password asked for");
        case 'E' -> refusal(body);
        default -> throw new IOException("unexpected message " + (char) type);
      };
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.connect(new InetSocketAddress(host, port), TIMEOUT);
    socket.setSoTimeout(TIMEOUT);
    return socket;
  }

  private static byte[] startupMessage(String user, String database, boolean physicalReplication)
      throws IOException {
    ByteArrayOutputStream parameters = new ByteArrayOutputStream();
    write(parameters, "user", user);
    if (physicalReplication) {
      write(parameters, "replication", "true");
    } else {
      write(parameters, "database", database);
    }
    parameters.write(0);
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(message);
    out.writeInt(8 + parameters.size());
    out.writeInt(PROTOCOL_3_0);
    out.write(parameters.toByteArray());
    return message.toByteArray();
  }

  private static void write(ByteArrayOutputStream out, String name, String value) {
    out.writeBytes((name + '\0' + value + '\0').getBytes(StandardCharsets.UTF_8));
  }

  /** Fields of an ErrorResponse: a letter and a text that ends with a zero byte. */
  private static Login refusal(byte[] body) {
    String sqlState = "";
    String message = "";
    for (String field : new String(body, StandardCharsets.UTF_8).split("\0")) {
      if (field.startsWith("C")) {
        sqlState = field.substring(1);
      } else if (field.startsWith("M")) {
        message = field.substring(1);
      }
    }
    return new Login(false, sqlState, sqlState + " " + message);
  }

  /** Trust is not this probe's question: it compares the certificate with the issued one. */
  private static SSLContext anyCertificate() throws IOException {
    X509TrustManager everything =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String authType) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String authType) {}

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {everything}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }
}
