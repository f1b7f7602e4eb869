package dev.pgseal.acme;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.pgseal.issuing.ExternalRegistration.DnsWebhook;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The receiving side of lego's httpreq protocol: puts the records into a DNS server. */
public final class DnsHook implements AutoCloseable {

  private static final String USER = "pgseal";

  /** Looked for in logs. */
  public static final String PASSWORD = "the-password-of-the-dns-hook";

  private final HttpServer server;
  private final ChallengeServer dns;
  private final List<String> present = new CopyOnWriteArrayList<>();
  private final List<String> cleanedUp = new CopyOnWriteArrayList<>();
  private volatile boolean forgetful;

  DnsHook(ChallengeServer dns) {
    this.dns = dns;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/dns/", this::handle);
    server.start();
  }

  public DnsWebhook webhook() {
    return new DnsWebhook(url(), USER, PASSWORD);
  }

  DnsWebhook withPassword(String password) {
    return new DnsWebhook(url(), USER, password);
  }

  private URI url() {
    return URI.create("http://127.0.0.1:%d/dns/".formatted(server.getAddress().getPort()));
  }

  /** It says that it has published, and has not. */
  void forgets(boolean forgetful) {
    this.forgetful = forgetful;
  }

  /** Names that were presented, in order. */
  List<String> presented() {
    return List.copyOf(present);
  }

  /** Names that were cleaned up, in order. */
  List<String> cleanedUp() {
    return List.copyOf(cleanedUp);
  }

  void reset() {
    present.clear();
    cleanedUp.clear();
    forgetful = false;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode record = new ObjectMapper().readTree(exchange.getRequestBody());
      exchange.sendResponseHeaders(status(exchange, record), -1);
    }
  }

  private int status(HttpExchange exchange, JsonNode record) {
    String login =
        Base64.getEncoder()
            .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    if (!("Basic " + login).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      return 401;
    }
    String fqdn = record.get("fqdn").asText();
    String value = record.get("value").asText();
    switch (exchange.getRequestURI().getPath()) {
      case "/dns/present" -> {
        present.add(fqdn);
        if (!forgetful) {
          dns.publish(fqdn, value);
        }
      }
      case "/dns/cleanup" -> {
        cleanedUp.add(fqdn);
        dns.remove(fqdn);
      }
      default -> {
        return 404;
      }
    }
    return 200;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
