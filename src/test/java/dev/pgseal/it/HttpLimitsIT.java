package dev.pgseal.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who sends slowly, or without end, does not hold a connection for ever. */
class HttpLimitsIT {

  private static final int PATIENCE_MILLIS = 60_000;

  private static Application application;
  private static ServiceProcess service;

  @BeforeAll
  static void start() {
    application = Application.shared();
    service =
        application
            .process(Map.of("quarkus.http.idle-timeout", "2S", "pgseal.http.body-timeout", "3s"))
            .start();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void aRequestWhoseHeadersStopIsCutOff() throws Exception {
    try (Socket socket = open("POST /v1/servers HTTP/1.1\r\nHost: localhost\r\nX-Sl")) {
      assertThat(untilItIsClosed(socket)).isLessThan(Duration.ofSeconds(30));
    }
  }

  @Test
  void aBodyThatDripsIsCutOff() throws Exception {
    ScheduledExecutorService drops = Executors.newSingleThreadScheduledExecutor();
    try (Socket socket =
        open(
            """
            POST /v1/servers HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer %s\r
            Content-Type: application/json\r
            Content-Length: 1000\r
            \r
            {"""
                .formatted(application.token()))) {
      drops.scheduleAtFixedRate(() -> drip(socket), 200, 200, TimeUnit.MILLISECONDS);

      assertThat(untilItIsClosed(socket)).isLessThan(Duration.ofSeconds(30));
    } finally {
      drops.shutdownNow();
    }
    assertThatCode(() -> open("").close()).doesNotThrowAnyException();
  }

  @Test
  void headersThatAreTooLongAreRefused() throws Exception {
    try (Socket socket =
        open(
            "GET /v1/servers HTTP/1.1\r\nHost: localhost\r\nX-Long: "
                + "x".repeat(30_000)
                + "\r\n\r\n")) {
      byte[] answer = new byte[64];
      int read = socket.getInputStream().read(answer);

      assertThat(new String(answer, 0, read, StandardCharsets.ISO_8859_1))
          .startsWith("HTTP/1.1 431");
    }
  }

  private static Socket open(String begin) throws IOException {
    Socket socket = new Socket(service.baseUri().getHost(), service.baseUri().getPort());
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.getOutputStream().write(begin.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  private static void drip(Socket socket) {
    try {
      socket.getOutputStream().write(' ');
    } catch (IOException e) {
      // closed, as it shall be
    }
  }

  /** The time until the other side has closed; a timeout fails the test. */
  private static Duration untilItIsClosed(Socket socket) throws IOException {
    Instant begin = Instant.now();
    InputStream in = socket.getInputStream();
    try {
      while (in.read() >= 0) {
        // an error may be answered first
      }
    } catch (java.net.SocketException e) {
      // reset: closed as well
    }
    return Duration.between(begin, Instant.now());
  }
}
