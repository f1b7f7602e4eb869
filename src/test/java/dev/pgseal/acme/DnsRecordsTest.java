package dev.pgseal.acme;

import static dev.pgseal.acme.AcmeFixture.CLOCK;
import static dev.pgseal.acme.AcmeFixture.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.issuing.ExternalRegistration.DnsWebhook;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is sent to the DNS webhook, and over which TLS. */
class DnsRecordsTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final List<String> received = new ArrayList<>();
  private HttpServer server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.stop(0);
    }
  }

  @Test
  void theRequestsAreThoseOfLegosHttpreq() throws Exception {
    server = HttpServer.create(loopback(), 0);
    start(200);

    try (DnsRecords records = records("http", "ann", null)) {
      records.present("_acme-challenge.db.example.com.", "value-1");
    }

    assertThat(received)
        .hasSize(2)
        .allMatch(request -> request.contains("Basic YW5uOnMzY3JldA==")) // ann:s3cret
        .allMatch(request -> request.contains(" application/json "))
        .allMatch(request -> request.contains("\"fqdn\":\"_acme-challenge.db.example.com.\""))
        .allMatch(request -> request.contains("\"value\":\"value-1\""));
    assertThat(received.get(0)).startsWith("POST /hook/present ");
    assertThat(received.get(1)).startsWith("POST /hook/cleanup ");
  }

  @Test
  void withoutALoginNoneIsSent() throws Exception {
    server = HttpServer.create(loopback(), 0);
    start(200);

    try (DnsRecords records = records("http", null, null)) {
      records.present("_acme-challenge.db.example.com.", "value-1");
    }

    assertThat(received).hasSize(2).noneMatch(request -> request.contains("Basic"));
  }

  @Test
  void aRecordThatCannotBeRemovedIsNoFailure() throws Exception {
    server = HttpServer.create(loopback(), 0);
    start(500);
    DnsRecords records = records("http", null, null);

    PgsealException problem = refused(() -> records.present("_acme-challenge.db.", "value-1"));
    records.close();

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(received).hasSize(2);
  }

  @Test
  void thePasswordIsNotSentElsewhereWhenTheWebhookRedirects() throws Exception {
    server = HttpServer.create(loopback(), 0);
    start(307);
    DnsRecords records = records("http", "ann", null);

    PgsealException problem = refused(() -> records.present("_acme-challenge.db.", "value-1"));

    assertThat(problem.detail()).contains("answered 307");
    assertThat(received).hasSize(1);
  }

  @Test
  void theDirectorysRootsAlsoVerifyTheWebhookAndNobodyIsTrustedWithout() throws Exception {
    Authority authority = Authority.create(AuthorityProfile.of("Webhook roots"), CLOCK);
    HttpsServer https = HttpsServer.create(loopback(), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(identity(authority)));
    server = https;
    start(200);

    PgsealException problem =
        refused(() -> records("https", "ann", null).present("_acme-challenge.db.", "value-1"));
    assertThat(problem.detail()).contains("cannot be reached");
    assertThat(received).isEmpty();

    records("https", "ann", authority.bundle()).present("_acme-challenge.db.", "value-1");
    assertThat(received).hasSize(1);
  }

  private DnsRecords records(String scheme, String username, String roots) {
    URI url = URI.create("%s://127.0.0.1:%d/hook".formatted(scheme, server.getAddress().getPort()));
    return new DnsRecords(new DnsWebhook(url, username, "s3cret"), roots, TIMEOUT);
  }

  private void start(int status) {
    server.createContext("/", exchange -> answer(exchange, status));
    server.start();
  }

  private void answer(HttpExchange exchange, int status) throws IOException {
    try (exchange) {
      received.add(
          "%s %s %s %s %s"
              .formatted(
                  exchange.getRequestMethod(),
                  exchange.getRequestURI(),
                  exchange.getRequestHeaders().getFirst("Authorization"),
                  exchange.getRequestHeaders().getFirst("Content-Type"),
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
      if (status == 307) {
        exchange.getResponseHeaders().add("Location", "/elsewhere");
      }
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private static SSLContext identity(Authority authority) throws Exception {
    KeyMaterial key = KeyType.ECDSA_P256.generate();
    char[] passphrase = "passphrase".toCharArray();
    byte[] file =
        key.pkcs12(
            authority
                .issueServer(ServerCertificateRequest.of("127.0.0.1"), key.publicKey(), CLOCK)
                .chain(),
            "webhook",
            passphrase);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(new ByteArrayInputStream(file), passphrase);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, passphrase);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static InetSocketAddress loopback() throws IOException {
    return new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
  }
}
