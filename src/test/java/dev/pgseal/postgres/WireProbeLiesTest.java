package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever a server sends, the probe answers in time and takes little of it. */
@Timeout(20)
class WireProbeLiesTest {

  private static final LoginAttempt PLAINTEXT = LoginAttempt.plaintext("u", "d");

  private final WireProbe probe = new WireProbe(Duration.ofMillis(500), Duration.ofMillis(1500));

  private TlsAnswer tls(LyingServer server) {
    return probe.tls("127.0.0.1", server.port());
  }

  private LoginAnswer login(LyingServer server) {
    return probe.login("127.0.0.1", server.port(), PLAINTEXT);
  }

  @Test
  void aClosedPortIsNoAnswer() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    assertThat(probe.tls("127.0.0.1", port))
        .isEqualTo(new TlsAnswer.NoAnswer("connection refused"));
    assertThat(probe.login("127.0.0.1", port, PLAINTEXT))
        .isEqualTo(new LoginAnswer.Inconclusive("connection refused"));
  }

  @Test
  void anUnknownHostIsNoAnswer() {
    assertThat(probe.tls("no-such-host.invalid", 5432))
        .isEqualTo(new TlsAnswer.NoAnswer("unknown host"));
  }

  @Test
  void aSilentServerIsNoAnswer() {
    try (LyingServer silent = new LyingServer((in, out) -> in.readAllBytes())) {
      assertThat(tls(silent)).isEqualTo(new TlsAnswer.NoAnswer("no answer in time"));
      assertThat(login(silent)).isEqualTo(new LoginAnswer.Inconclusive("no answer in time"));
    }
  }

  @Test
  void aServerThatHangsUpIsNoAnswer() {
    try (LyingServer server = LyingServer.answering()) {
      assertThat(tls(server)).isInstanceOf(TlsAnswer.NoAnswer.class);
      assertThat(login(server)).isInstanceOf(LoginAnswer.Inconclusive.class);
    }
  }

  @Test
  void anotherProtocolIsNoAnswer() {
    try (LyingServer server = LyingServer.answering("HTTP/1.1 400 Bad Request\r\n\r\n")) {
      assertThat(tls(server).toString()).contains("not PostgreSQL");
      assertThat(login(server).toString()).contains("not PostgreSQL");
    }
  }

  @Test
  void garbageInPlaceOfAHandshakeIsAFailedHandshake() {
    try (LyingServer server = LyingServer.answering("S this is not TLS at all")) {
      assertThat(tls(server)).isInstanceOf(TlsAnswer.HandshakeFailed.class);
      assertThat(probe.login("127.0.0.1", server.port(), LoginAttempt.tls("u", "d")))
          .isInstanceOf(LoginAnswer.TlsNotOffered.class);
    }
  }

  @Test
  void silenceInPlaceOfAHandshakeEnds() {
    try (LyingServer server =
        new LyingServer(
            (in, out) -> {
              in.readNBytes(8);
              out.write('S');
              in.readAllBytes();
            })) {
      assertThat(tls(server)).isEqualTo(new TlsAnswer.HandshakeFailed("no answer in time"));
    }
  }

  @Test
  void anOldStyleErrorIsShown() {
    String text = "EFATAL:  could not fork new process for connection\n\0";
    try (LyingServer server = LyingServer.answering(text)) {
      assertThat(tls(server).toString()).contains("could not fork new process");
      assertThat(login(server).toString()).contains("FATAL:  could not fork new process");
    }
  }

  @Test
  void anOldStyleErrorWithoutEndIsCut() {
    try (LyingServer server =
        new LyingServer(
            (in, out) -> {
              in.readNBytes(8);
              out.write('E');
              endlessly(out, (byte) 'x');
            })) {
      assertThat(tls(server).toString()).hasSizeLessThan(2000);
    }
  }

  @Test
  void aMessageThatClaimsGigabytesIsNotAwaited() {
    try (LyingServer server =
        LyingServer.answering((byte) 'R', (byte) 0x7f, (byte) -1, (byte) -1, (byte) -1)) {
      assertThat(login(server).toString()).contains("is not PostgreSQL's");
    }
  }

  @Test
  void aMessageWithANegativeLengthIsNotBelieved() {
    try (LyingServer server =
        LyingServer.answering((byte) 'R', (byte) -1, (byte) -1, (byte) -1, (byte) -1)) {
      assertThat(login(server).toString()).contains("is not PostgreSQL's");
    }
  }

  @Test
  void negotiationsWithoutEndAreCut() {
    try (LyingServer server =
        new LyingServer(
            (in, out) -> {
              in.readNBytes(8);
              byte[] negotiate = new byte[5 + 60_000];
              negotiate[0] = 'v';
              negotiate[3] = (byte) ((60_004 >> 8) & 0xff);
              negotiate[4] = (byte) (60_004 & 0xff);
              for (int i = 0; i < 1000; i++) {
                out.write(negotiate);
              }
            })) {
      assertThat(login(server).toString()).contains("far more than an answer");
    }
  }

  @Test
  void aTrickleIsEndedByTheOverallDeadline() {
    try (LyingServer server =
        new LyingServer(
            (in, out) -> {
              in.readNBytes(8);
              out.write(new byte[] {'R', 0, 0, 0x20, 0});
              while (true) {
                out.write(0);
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
              }
            })) {
      long start = System.nanoTime();
      LoginAnswer answer = login(server);

      assertThat(answer).isEqualTo(new LoginAnswer.Inconclusive("no answer in time"));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void aTrickledHandshakeIsEndedByTheOverallDeadline() {
    try (LyingServer server =
        new LyingServer(
            (in, out) -> {
              in.readNBytes(8);
              // a TLS record of 16 KiB that arrives byte by byte
              out.write(new byte[] {'S', 22, 3, 3, 0x3f, 0});
              while (true) {
                out.write(0);
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
              }
            })) {
      long start = System.nanoTime();

      assertThat(tls(server)).isInstanceOf(TlsAnswer.HandshakeFailed.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void anAdmittedLoginThatIsFloodedIsStillAnAnswer() {
    try (LyingServer server =
        new LyingServer(
            (in, out) -> {
              in.readNBytes(8);
              out.write(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 0});
              endlessly(out, (byte) 'S');
            })) {
      assertThat(login(server)).isEqualTo(new LoginAnswer.Admitted("Ok"));
    }
  }

  private static void endlessly(OutputStream out, byte value) throws IOException {
    byte[] block = new byte[64 * 1024];
    java.util.Arrays.fill(block, value);
    while (true) {
      out.write(block);
    }
  }

  @Test
  void aServerNameIsSentForHostNamesOnly() {
    assertThat(ProbeTls.serverNames("db.example.org")).hasSize(1);
    assertThat(ProbeTls.serverNames("localhost")).hasSize(1);
    assertThat(ProbeTls.serverNames("192.0.2.1")).isEmpty();
    assertThat(ProbeTls.serverNames("2001:db8::1")).isEmpty();
    assertThat(ProbeTls.serverNames("not_a_host_name")).isEmpty();
  }
}
