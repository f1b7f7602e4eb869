package dev.pgseal.postgres;

import dev.pgseal.egress.EgressRule;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a server from outside, through a fresh socket each time and without a password: what it
 * answers to an SSLRequest, and what the rules it has loaded do with a login.
 *
 * <p>A reload is proved by nothing else: {@code SHOW ssl} says {@code on} for a server that answers
 * {@code N}, and {@code pg_hba_file_rules} shows the file, not what is loaded. The answer to a
 * login holds for the address we come from. Never throws for what a server does; an answer takes at
 * most 10 seconds and 256 KiB, whatever the server sends.
 */
@ApplicationScoped
public class WireProbe {

  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration READ = Duration.ofSeconds(5);
  private static final Duration OVERALL = Duration.ofSeconds(10);
  private static final int MAX_BYTES = 256 * 1024;

  private final Duration read;
  private final Duration overall;
  private final EgressRule egress;

  /** With the default {@link EgressRule}. */
  public WireProbe() {
    this(EgressRule.DEFAULT);
  }

  @Inject
  public WireProbe(EgressRule egress) {
    this(READ, OVERALL, egress);
  }

  WireProbe(Duration read, Duration overall) {
    this(read, overall, EgressRule.DEFAULT);
  }

  private WireProbe(Duration read, Duration overall, EgressRule egress) {
    this.read = read;
    this.overall = overall;
    this.egress = egress;
  }

  /** SSLRequest and a handshake that takes any certificate. */
  public TlsAnswer tls(String host, int port) {
    return probeTls(host, port, null);
  }

  /**
   * As {@link #tls(String, int)}, offering this TLS version only.
   *
   * @param protocolVersion such as {@code TLSv1.2}. A version that the JDK disables ({@code
   *     jdk.tls.disabledAlgorithms}: TLSv1.1 and older) gives {@code HandshakeFailed} without
   *     asking the server.
   */
  public TlsAnswer tls(String host, int port, String protocolVersion) {
    return probeTls(host, port, protocolVersion);
  }

  private TlsAnswer probeTls(String host, int port, @Nullable String protocolVersion) {
    try (BoundedSocket socket = open(host, port)) {
      ProbeMessages.sslRequest(socket.getOutputStream());
      InputStream in = socket.getInputStream();
      int answer = in.read();
      return switch (answer) {
        case 'S' -> handshake(socket, host, port, protocolVersion);
        case 'N' -> new TlsAnswer.NotOffered();
        case 'E' -> new TlsAnswer.NoAnswer(ProbeMessages.oldStyleText(in));
        case -1 -> new TlsAnswer.NoAnswer("the server closed the connection without an answer");
        default -> new TlsAnswer.NoAnswer(ProbeMessages.notPostgres(answer));
      };
    } catch (IOException e) {
      return new TlsAnswer.NoAnswer(reason(e));
    }
  }

  private TlsAnswer handshake(
      BoundedSocket socket, String host, int port, @Nullable String protocolVersion) {
    try (SSLSocket tls = ProbeTls.handshake(socket, host, port, protocolVersion)) {
      SSLSession session = tls.getSession();
      List<X509Certificate> chain =
          Arrays.stream(session.getPeerCertificates()).map(X509Certificate.class::cast).toList();
      return new TlsAnswer.Served(session.getProtocol(), session.getCipherSuite(), chain);
    } catch (IOException | IllegalArgumentException e) {
      return new TlsAnswer.HandshakeFailed(reason(e));
    }
  }

  /**
   * Whether the server would go on with a handshake that it should refuse. The handshake ends after
   * the server's first answer, which leaves a line in its log.
   */
  public TlsOfferAnswer offer(String host, int port, TlsOffer offer) {
    try (BoundedSocket socket = open(host, port)) {
      ProbeMessages.sslRequest(socket.getOutputStream());
      int answer = socket.getInputStream().read();
      if (answer == 'N') {
        return new TlsOfferAnswer.Refused("the server does not offer TLS");
      }
      if (answer != 'S') {
        return new TlsOfferAnswer.Inconclusive("the server does not answer an SSLRequest");
      }
      HelloMessages.send(socket.getOutputStream(), offer);
      return HelloMessages.answer(socket.getInputStream(), offer);
    } catch (IOException e) {
      return new TlsOfferAnswer.Inconclusive(reason(e));
    }
  }

  /**
   * Whether the server takes this client certificate. In TLS 1.3 it judges after the client's half
   * of the handshake is done, so the startup packet is sent and the answer to it awaited: any
   * message of PostgreSQL says that the certificate was taken, whatever becomes of the login.
   */
  public ClientCertificateAnswer clientCertificate(
      String host, int port, ClientIdentity identity, LoginAttempt attempt) {
    try (BoundedSocket socket = open(host, port)) {
      ProbeMessages.sslRequest(socket.getOutputStream());
      if (socket.getInputStream().read() != 'S') {
        return new ClientCertificateAnswer.Inconclusive("the server does not offer TLS");
      }
      socket.ignoreFailedWrites();
      try (SSLSocket tls = ProbeTls.handshake(socket, host, port, null, identity)) {
        ProbeMessages.startup(tls.getOutputStream(), attempt);
        InputStream in = tls.getInputStream();
        LoginAnswer answer = ProbeMessages.loginAnswer(in);
        leave(answer, tls, in);
        return tls.getSession().getLocalCertificates() == null
            ? new ClientCertificateAnswer.NotAsked()
            : new ClientCertificateAnswer.Taken();
      } catch (SSLException e) {
        return new ClientCertificateAnswer.Refused(reason(e));
      }
    } catch (IOException e) {
      return new ClientCertificateAnswer.Inconclusive(reason(e));
    }
  }

  /** Sends the startup packet and reads the first answer; no password is ever sent. */
  public LoginAnswer login(String host, int port, LoginAttempt attempt) {
    try (BoundedSocket socket = open(host, port)) {
      return attempt.tls() ? tlsLogin(socket, host, port, attempt) : plainLogin(socket, attempt);
    } catch (IOException e) {
      return new LoginAnswer.Inconclusive(reason(e));
    }
  }

  private LoginAnswer plainLogin(BoundedSocket socket, LoginAttempt attempt) throws IOException {
    ProbeMessages.startup(socket.getOutputStream(), attempt);
    InputStream in = socket.getInputStream();
    LoginAnswer answer = ProbeMessages.loginAnswer(in);
    leave(answer, socket, in);
    return answer;
  }

  private LoginAnswer tlsLogin(BoundedSocket socket, String host, int port, LoginAttempt attempt)
      throws IOException {
    ProbeMessages.sslRequest(socket.getOutputStream());
    int offered = socket.getInputStream().read();
    if (offered == 'N') {
      return new LoginAnswer.TlsNotOffered("the server does not offer TLS");
    }
    if (offered != 'S') {
      return new LoginAnswer.Inconclusive(
          offered == 'E'
              ? ProbeMessages.oldStyleText(socket.getInputStream())
              : offered < 0
                  ? "the server closed the connection without an answer"
                  : ProbeMessages.notPostgres(offered));
    }
    SSLSocket tls;
    try {
      tls = ProbeTls.handshake(socket, host, port, null);
    } catch (IOException e) {
      return new LoginAnswer.TlsNotOffered("the handshake failed: " + reason(e));
    }
    try (tls) {
      ProbeMessages.startup(tls.getOutputStream(), attempt);
      InputStream in = tls.getInputStream();
      LoginAnswer answer = ProbeMessages.loginAnswer(in);
      leave(answer, tls, in);
      return answer;
    }
  }

  /**
   * Ends an admitted session in good order, so that the server logs no broken connection. While a
   * password is awaited, closing is the good order: a Terminate there is logged as a protocol error
   * (auth.c:recv_password_packet).
   */
  private static void leave(LoginAnswer answer, java.net.Socket socket, InputStream in) {
    if (!(answer instanceof LoginAnswer.Admitted admitted)
        || !admitted.authentication().equals("Ok")) {
      return;
    }
    try {
      ProbeMessages.terminate(socket.getOutputStream());
      byte[] rest = new byte[4096];
      while (in.read(rest) >= 0) {
        // a socket closed with unread bytes is reset, which the server would log
      }
    } catch (IOException e) {
      // the answer is known; how the connection ends changes nothing
    }
  }

  private BoundedSocket open(String host, int port) throws IOException {
    BoundedSocket socket = new BoundedSocket(overall, read, MAX_BYTES);
    try {
      socket.connect(host, port, CONNECT, egress);
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
    }
  }

  private static String reason(Exception e) {
    if (e instanceof UnknownHostException) {
      return "unknown host";
    }
    if (e instanceof SocketTimeoutException) {
      return "no answer in time";
    }
    if (e instanceof NoRouteToHostException) {
      return "no route to host";
    }
    if (e instanceof ConnectException && String.valueOf(e.getMessage()).contains("refused")) {
      return "connection refused";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
