package dev.pgseal.acme;

import dev.pgseal.embedded.LoopbackPort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** {@code pebble-challtestsrv}: a DNS server, and a web server for http-01, told what to answer. */
final class ChallengeServer implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  /** Somebody else may take a port that was free. */
  private static final int ATTEMPTS = 3;

  private final HttpClient http = HttpClient.newHttpClient();
  private final int dnsPort = LoopbackPort.free();
  private final int httpPort = LoopbackPort.free();
  private final int managementPort = LoopbackPort.free();
  private final ChildProcess process;

  private ChallengeServer(Path directory) {
    process =
        ChildProcess.start(
            List.of(
                "pebble-challtestsrv",
                "-dns01",
                dnsAddress(),
                "-http01",
                "127.0.0.1:" + httpPort,
                "-https01",
                "",
                "-tlsalpn01",
                "",
                "-defaultIPv6",
                "",
                "-management",
                "127.0.0.1:" + managementPort),
            Map.of(),
            directory);
  }

  static ChallengeServer start(Path directory) {
    for (int attempt = 1; ; attempt++) {
      ChallengeServer server = new ChallengeServer(directory);
      Awaitility.await("the DNS server of the test").atMost(TIMEOUT).until(server::isReadyOrEnded);
      if (server.process.isAlive()) {
        return server;
      }
      server.close();
      if (attempt == ATTEMPTS) {
        throw new IllegalStateException("the DNS server has ended: " + server.process.log());
      }
    }
  }

  private boolean isReadyOrEnded() {
    try {
      return !process.isAlive() || post("clear-txt", "{\"host\": \"none.\"}");
    } catch (IOException e) {
      return false;
    }
  }

  /** Where it answers DNS queries, by UDP and TCP. */
  String dnsAddress() {
    return "127.0.0.1:" + dnsPort;
  }

  /** Where it answers http-01 challenges. */
  int httpPort() {
    return httpPort;
  }

  /** One more TXT record of that name. */
  void publish(String fqdn, String value) {
    require("set-txt", "{\"host\": \"%s\", \"value\": \"%s\"}".formatted(fqdn, value));
  }

  /** No TXT record of that name any more. */
  void remove(String fqdn) {
    require("clear-txt", "{\"host\": \"%s\"}".formatted(fqdn));
  }

  /** What a GET of the challenge's token is answered with. */
  void answer(String token, String content) {
    require("add-http01", "{\"token\": \"%s\", \"content\": \"%s\"}".formatted(token, content));
  }

  private void require(String path, String json) {
    try {
      if (!post(path, json)) {
        throw new IllegalStateException(path + " was refused");
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean post(String path, String json) throws IOException {
    URI uri = URI.create("http://127.0.0.1:%d/%s".formatted(managementPort, path));
    try {
      HttpResponse<Void> response =
          http.send(
              HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString(json)).build(),
              BodyHandlers.discarding());
      return response.statusCode() == 200;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
