package dev.pgseal.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgseal.embedded.LoopbackPort;
import dev.pgseal.it.ApiPki.Identity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** HTTPS on the API itself, its certificate replaced under it, and callers with certificates. */
@TestInstance(Lifecycle.PER_CLASS)
class HttpsIT {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String WORKLOAD = "spiffe://example.org/reader";

  private final ApiPki authority = new ApiPki("API CA");
  private final Identity admin = authority.client("CN=ann,O=Example");
  private final int plainPort = LoopbackPort.free();
  private Path directory;
  private Application application;

  @BeforeAll
  void start() throws IOException {
    directory = Files.createTempDirectory("pgseal-https");
    serve(authority.server());
    write("clients.pem", authority.certificatePem());
    write("clients.crl", authority.revoking());
    application =
        Application.start(
            Map.ofEntries(
                Map.entry("quarkus.http.port", Integer.toString(plainPort)),
                Map.entry("pgseal.https.certificate-file", path("api.pem")),
                Map.entry("pgseal.https.key-file", path("api.key")),
                Map.entry("pgseal.https.reload-period", "PT0.5S"),
                Map.entry("pgseal.mtls.authority-file", path("clients.pem")),
                Map.entry("pgseal.mtls.revocation-lists", path("clients.crl")),
                Map.entry("pgseal.mtls.callers.ann.subject", "CN=ann, O=Example"),
                Map.entry("pgseal.mtls.callers.ann.roles", "ADMIN"),
                Map.entry("pgseal.mtls.callers.reader.san", "URI:" + WORKLOAD),
                Map.entry("pgseal.mtls.callers.reader.roles", "VIEWER"),
                Map.entry("pgseal.mtls.callers.reader.server-labels", "env=test")));
  }

  @AfterAll
  void stop() {
    application.close();
  }

  private String path(String file) {
    return directory.resolve(file).toString();
  }

  /** Whole or not at all, as a good tool does. */
  private void write(String file, String content) {
    try {
      Path next = directory.resolve(file + ".next");
      Files.writeString(next, content);
      Files.move(next, directory.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(Identity identity) {
    write("api.key", identity.keyPem());
    write("api.pem", identity.certificatePem());
  }

  @Test
  void plainHttpIsNotOpenBesideIt() {
    assertThatThrownBy(() -> new Socket("127.0.0.1", plainPort).close())
        .isInstanceOf(ConnectException.class);
    assertThat(get("/q/health/live", null, null).headers().firstValue("Strict-Transport-Security"))
        .hasValueSatisfying(value -> assertThat(value).contains("max-age="));
  }

  @Test
  void olderProtocolsAreRefused() throws IOException {
    try (SSLSocket socket = connect()) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
    }
    try (SSLSocket socket = connect()) {
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
    }
  }

  @Test
  void aNewCertificateIsServedWithoutARestartAndABrokenOneIsNot() throws IOException {
    BigInteger first = served();
    try (SSLSocket open = connect()) {
      open.startHandshake();
      assertThat(status(open)).contains("200");

      Identity second = authority.server();
      serve(second);

      awaitServed(second);
      assertThat(serial(open)).isEqualTo(first);
      assertThat(status(open)).contains("200");

      write("api.pem", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
      awaitLog("The new certificate of the API cannot be used, the one before stays: ");
      assertThat(served()).isEqualTo(second.serial());

      write("api.pem", authority.server().certificatePem());
      awaitLog("is not that of the certificate in " + path("api.pem"));
      assertThat(served()).isEqualTo(second.serial());

      Identity third = authority.server();
      serve(third);
      awaitServed(third);
      assertThat(get("/v1/servers", null, admin).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aCertificateIsACallerWithRolesAndServers() {
    String name = "token-" + UUID.randomUUID();
    String mine = server("test");
    String other = server("prod");

    HttpResponse<String> made =
        send("POST", "/v1/tokens", "{\"name\": \"" + name + "\", \"roles\": [\"VIEWER\"]}", admin);
    assertThat(made.statusCode()).isEqualTo(201);
    assertThat(
            application
                .controlDatabase()
                .query("select created_by from api_token where name = '" + name + "'"))
        .isEqualTo("cert:CN=ann, O=Example");
    Identity reader = authority.clientWithUri("CN=whatever", WORKLOAD);
    assertThat(get("/v1/servers/" + mine, null, reader).statusCode()).isEqualTo(200);
    assertThat(get("/v1/servers/" + other, null, reader).statusCode()).isEqualTo(404);
    assertThat(get("/v1/tokens", null, reader).statusCode()).isEqualTo(403);
  }

  @Test
  void aCertificateOfNobodyIsGoodForNothing() {
    for (Identity stranger :
        new Identity[] {
          authority.client("CN=bob,O=Example"),
          authority.client("CN=ann"),
          authority.client("O=Example,CN=ann"),
          authority.clientWithUri("CN=x", WORKLOAD + "/2")
        }) {
      HttpResponse<String> answer = get("/v1/servers", null, stranger);
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(answer.body())
          .contains("/problems/forbidden")
          .contains("\"caller\":\"cert:")
          .contains("pgseal.mtls.callers");
    }
    assertThat(get("/v1/servers", null, null).statusCode()).isEqualTo(401);
    assertThatThrownBy(
            () -> get("/v1/servers", null, new ApiPki("API CA").client("CN=ann,O=Example")))
        .isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void aTokenCountsMoreThanTheCertificate() {
    Identity bob = authority.client("CN=bob");

    assertThat(get("/v1/servers", application.token(), bob).statusCode()).isEqualTo(200);
    assertThat(get("/v1/servers", "pgs_wrong", admin).statusCode()).isEqualTo(401);
  }

  @Test
  void aRevokedCertificateGetsNothingOnceTheListIsReadOnOpenConnectionsEither() throws Exception {
    Identity lost = authority.clientWithUri("CN=lost", WORKLOAD);
    HttpClient open = HttpClient.newBuilder().sslContext(ApiPki.context(lost)).build();
    HttpRequest request = request("/v1/servers", null).build();
    assertThat(open.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
        .isEqualTo(200);

    write("clients.crl", authority.revoking(lost));

    await("the list").atMost(PATIENCE).until(() -> refused(lost));
    assertThat(open.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
        .isEqualTo(401);
    write("clients.crl", "nonsense");
    awaitLog("pgseal.mtls: the files cannot be used, those before count");
    assertThat(refused(lost)).isTrue();
    assertThat(get("/v1/servers", null, admin).statusCode()).isEqualTo(200);
  }

  private boolean refused(Identity client) {
    try {
      get("/v1/servers", null, client);
      return false;
    } catch (UncheckedIOException e) {
      return true;
    }
  }

  /** A row as registration leaves it, of a server that nobody connects to. */
  private String server(String env) {
    String name = "db-" + UUID.randomUUID().toString().substring(0, 8);
    application
        .controlDatabase()
        .execute(
            """
            insert into server (id, name, host, port, database, username, password, ssl_mode, labels,
              endpoints, revision, created_at, updated_at)
            values (gen_random_uuid(), '%s', '127.0.0.1', 1, 'postgres', 'postgres', '\\x00',
              'PREFER', '{"env": "%s"}', '[]', 1, now(), now())
            """
                .formatted(name, env));
    return name;
  }

  private void awaitServed(Identity expected) {
    await("the new certificate").atMost(PATIENCE).until(() -> served().equals(expected.serial()));
  }

  private void awaitLog(String text) {
    await(text).atMost(PATIENCE).until(() -> application.replica().log().contains(text));
  }

  private BigInteger served() throws IOException {
    try (SSLSocket socket = connect()) {
      socket.startHandshake();
      return serial(socket);
    }
  }

  private static BigInteger serial(SSLSocket socket) throws IOException {
    return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
  }

  private SSLSocket connect() throws IOException {
    URI uri = application.replica().baseUri();
    return (SSLSocket)
        ApiPki.trustAnybody().getSocketFactory().createSocket(uri.getHost(), uri.getPort());
  }

  /** The status line of one more request on this connection. */
  private static String status(SSLSocket socket) throws IOException {
    socket
        .getOutputStream()
        .write(
            "GET /q/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
    BufferedReader answer =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    String status = answer.readLine();
    int length = 0;
    for (String line = answer.readLine(); !line.isEmpty(); line = answer.readLine()) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
      }
    }
    answer.skip(length);
    return status;
  }

  private HttpResponse<String> get(String path, @Nullable String token, @Nullable Identity client) {
    return exchange(request(path, token).build(), client);
  }

  private HttpResponse<String> send(
      String method, String path, String json, @Nullable Identity client) {
    return exchange(
        request(path, null)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(json))
            .build(),
        client);
  }

  private HttpRequest.Builder request(String path, @Nullable String token) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(application.replica().baseUri().resolve(path));
    return token == null ? request : request.header("Authorization", "Bearer " + token);
  }

  /** On a connection of its own. */
  private static HttpResponse<String> exchange(HttpRequest request, @Nullable Identity client) {
    try {
      return HttpClient.newBuilder()
          .sslContext(ApiPki.context(client))
          .build()
          .send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
