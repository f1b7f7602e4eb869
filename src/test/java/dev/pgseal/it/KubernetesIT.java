package dev.pgseal.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.SelfSigned;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.embedded.LoopbackPort;
import dev.pgseal.kubernetes.Manifests;
import dev.pgseal.testing.PostgresServer;
import io.fabric8.kubernetes.api.model.Probe;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

/** The packaged service with the very variables of {@code k8s/overlays/production}. */
class KubernetesIT {

  private static final Path DIRECTORY = Path.of("target/kubernetes-it");
  private static final KeyMaterial KEY = KeyType.DEFAULT.generate();
  private static final IssuedCertificate CERTIFICATE =
      SelfSigned.server(
          ServerCertificateRequest.of("localhost", "127.0.0.1"), KEY, Clock.systemUTC());

  private final Manifests production = Manifests.rendered("production");
  private final int sslPort = LoopbackPort.free();

  @Test
  void productionServesItsProbesOverTlsAloneWithAVerifiedControlDatabase() throws Exception {
    Files.createDirectories(DIRECTORY);
    HttpClient client = trusting();
    try (PostgresServer control = withTls();
        ServiceProcess service =
            ServiceProcess.of(
                Map.of(
                    "quarkus.http.host",
                    "127.0.0.1",
                    "quarkus.http.ssl-port",
                    String.valueOf(sslPort)),
                DIRECTORY)) {
      service.launch(environment(control));
      Probe startup = production.service().getStartupProbe();
      await("the startup probe")
          .atMost(Duration.ofSeconds(90))
          .until(() -> alive(service) && status(client, startup) == 200);

      assertThat(status(client, production.service().getReadinessProbe())).isEqualTo(200);
      assertThat(status(client, production.service().getLivenessProbe())).isEqualTo(200);
      assertThatThrownBy(() -> get(client, service.baseUri().resolve("/q/health/live")))
          .isInstanceOf(ConnectException.class);
      assertThat(encryptedLogins(control)).isEqualTo("true");

      service.terminate();
      await("unready, and still serving")
          .atMost(Duration.ofSeconds(5))
          .until(() -> status(client, production.service().getReadinessProbe()) == 503);
      assertThat(get(client, bundleOfNobody())).isEqualTo(404);
      assertThat(service.awaitExit()).isEqualTo(143);
    }
  }

  /** The manifest's values; those of Secrets, and the places of mounted files, from this test. */
  private Map<String, String> environment(PostgresServer control) throws IOException {
    Map<String, String> environment = new HashMap<>(production.variables());
    Map<String, String> given =
        Map.of(
            "PGSEAL_BOOTSTRAP_TOKEN", "bootstrap-token-of-the-kubernetes-test",
            "QUARKUS_DATASOURCE_USERNAME", PostgresServer.SUPERUSER,
            "QUARKUS_DATASOURCE_PASSWORD", PostgresServer.PASSWORD);
    given.forEach((name, value) -> assertThat(environment.put(name, value)).as(name).isEqualTo(""));
    environment.compute("PGSEAL_KEYSET_FILE", (name, path) -> mounted(path, TestKeyset.create()));
    environment.compute(
        "PGSEAL_HTTPS_CERTIFICATE_FILE", (name, path) -> mounted(path, CERTIFICATE.chainPem()));
    environment.compute(
        "PGSEAL_HTTPS_KEY_FILE", (name, path) -> mounted(path, new String(KEY.pkcs8Pem())));
    environment.compute(
        "QUARKUS_DATASOURCE_JDBC_URL",
        (name, url) ->
            url.replace(
                    "control-db.example.internal:5432/pgseal",
                    "localhost:" + control.port() + "/postgres")
                .replace(
                    "/etc/pgseal-control-ca/ca.crt",
                    mounted("/etc/pgseal-control-ca/ca.crt", CERTIFICATE.chainPem())));
    return environment;
  }

  /** A file as the volume would hold it, elsewhere. */
  private static String mounted(String path, String content) {
    Path file = DIRECTORY.toAbsolutePath().resolve(path.substring(1).replace('/', '-'));
    try {
      return Files.writeString(file, content).toString();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static PostgresServer withTls() throws IOException {
    PostgresServer server = PostgresServer.start(18);
    Files.writeString(server.dataDirectory().resolve("server.crt"), CERTIFICATE.chainPem());
    Path key = server.dataDirectory().resolve("server.key");
    Files.write(key, KEY.pkcs8Pem());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    server.set("ssl", "on");
    server.reload();
    return server;
  }

  private static String encryptedLogins(PostgresServer control) {
    return control.query(
        "select bool_and(s.ssl)::text from pg_stat_ssl s join pg_stat_activity a using (pid)"
            + " where a.application_name = 'pgseal'");
  }

  private static boolean alive(ServiceProcess service) {
    if (!service.alive()) {
      throw new AssertionError(service.log());
    }
    return true;
  }

  /** Asks as the kubelet would; only the published name of the port becomes this run's number. */
  private int status(HttpClient client, Probe probe) throws Exception {
    assertThat(probe.getHttpGet().getScheme()).isEqualTo("HTTPS");
    URI uri = URI.create("https://127.0.0.1:" + sslPort + probe.getHttpGet().getPath());
    try {
      return get(client, uri);
    } catch (ConnectException e) {
      return 0;
    }
  }

  /** Needs no token and the control database. */
  private URI bundleOfNobody() {
    return URI.create("https://127.0.0.1:" + sslPort + "/v1/authorities/nobody/bundle");
  }

  private static int get(HttpClient client, URI uri) throws Exception {
    return client
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static HttpClient trusting() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("api", CERTIFICATE.leaf());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return HttpClient.newBuilder().sslContext(context).build();
  }
}
