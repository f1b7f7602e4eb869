package dev.pgseal.posture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.Configs;
import dev.pgseal.tls.TlsFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Scans of something that takes connections and says nothing. */
class TimedScanTest {

  private static final Proved NOTHING = new Proved(null, null, Map.of());

  private final TlsFixture tls = new TlsFixture();
  private ServerSocket silent;
  private ManagedServer server;

  @BeforeEach
  void listen() throws IOException {
    silent = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
    server = tls.register("silent", "127.0.0.1", silent.getLocalPort(), ConnectionSslMode.PREFER);
  }

  @AfterEach
  void close() throws IOException {
    silent.close();
    tls.close();
  }

  @Test
  void aScanThatTakesTooLongIsGivenUpAndNotPiledUp() {
    TimedScan scan = timed("200ms");
    long began = System.nanoTime();

    Posture first = scan.scan(server, NOTHING).posture();
    Posture second = scan.scan(server, NOTHING).posture();

    assertThat(System.nanoTime() - began).isLessThan(Duration.ofSeconds(4).toNanos());
    assertThat(first.grade()).isEqualTo(Grade.UNKNOWN);
    assertThat(first.reachable()).isFalse();
    assertThat(first.findings())
        .singleElement()
        .satisfies(f -> assertThat(f.code()).isEqualTo(FindingCode.SCAN_FAILED));
    assertThat(second.findings().get(0).detail()).contains("earlier scan still waits");
    scan.stop();
  }

  @Test
  void aStopOfPgsealSaysNothingAboutTheServer() {
    TimedScan scan = timed("60s");
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> scan.scan(server, NOTHING)).isInstanceOf(PgsealException.class);

    assertThat(Thread.interrupted()).isTrue();
    scan.stop();
  }

  private TimedScan timed(String timeout) {
    PostureConfig config =
        Configs.of(PostureConfig.class, Map.of("pgseal.posture.scan-timeout", timeout));
    return new TimedScan(
        new PostureScan(
            tls.wire,
            tls.states,
            new InsideReader(
                tls.access, tls.settings, tls.connections, tls.facts, tls.loader, tls.refused),
            tls.twins,
            config,
            tls.clock),
        config,
        tls.clock);
  }
}
