package dev.pgseal.postgres;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The TLS half of a probe: takes any certificate, sends a server name for host names only (RFC 6066
 * §3) and no ALPN, because PostgreSQL 17 and newer end a handshake whose ALPN list lacks {@code
 * postgresql} (be-secure-openssl.c:alpn_cb).
 */
final class ProbeTls {

  private static final Pattern IPV4 = Pattern.compile("[0-9]+(\\.[0-9]+){3}");

  private ProbeTls() {}

  /**
   * @param protocolVersion such as {@code TLSv1.2}; null for what the JDK offers
   * @return after a complete handshake
   */
  static SSLSocket handshake(Socket socket, String host, int port, @Nullable String protocolVersion)
      throws IOException {
    return handshake(socket, host, port, protocolVersion, null);
  }

  /**
   * @param identity the client certificate that is presented whatever authorities the server names
   */
  static SSLSocket handshake(
      Socket socket,
      String host,
      int port,
      @Nullable String protocolVersion,
      @Nullable ClientIdentity identity)
      throws IOException {
    SSLSocket tls =
        (SSLSocket) context(identity).getSocketFactory().createSocket(socket, host, port, true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setServerNames(serverNames(host));
    if (protocolVersion != null) {
      parameters.setProtocols(new String[] {protocolVersion});
    }
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    return tls;
  }

  private static SSLContext context(@Nullable ClientIdentity identity) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      KeyManager[] keys =
          identity == null ? null : new KeyManager[] {new PresentedCertificate(identity)};
      context.init(keys, new TrustManager[] {new AnyCertificate()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This JDK has no TLS", e);
    }
  }

  static List<SNIServerName> serverNames(String host) {
    if (host.indexOf(':') >= 0 || IPV4.matcher(host).matches()) {
      return List.of();
    }
    try {
      return List.of(new SNIHostName(host));
    } catch (IllegalArgumentException notAHostName) {
      return List.of();
    }
  }
}
