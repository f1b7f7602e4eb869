package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.nullValue;

import dev.pgseal.acme.DnsHook;
import dev.pgseal.acme.Pebble;
import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.testing.PostgresServer;
import io.restassured.path.json.JsonPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A CA outside, asked by ACME, used like an authority of pgseal. */
class AcmeIT {

  private static final int LATEST = 18;

  private static Application application;
  private static Pebble ca;
  private static String authority;

  @TempDir Path directory;

  @BeforeAll
  static void connect() {
    application = Application.shared();
    ca = Pebble.startForItsCustomers();
    authority = "acme-" + UUID.randomUUID().toString().substring(0, 8);
    given()
        .body(connection(authority))
        .post("/v1/authorities")
        .then()
        .statusCode(201)
        .body("kind", equalTo("ACME"))
        .body("acme.directory", equalTo(ca.directory().toString()))
        .body("acme.account", containsString("https://127.0.0.1"))
        .body("certificate", nullValue());
  }

  @AfterAll
  static void stop() {
    if (ca != null) {
      ca.close();
    }
  }

  @Test
  void aCertificateIsIssuedByTheCaAndRecordedUnderTheAuthority() {
    JsonPath issued = issue("orders.example.com");

    String id = issued.getString("certificate.id");
    assertThat(issued.getString("privateKey")).contains("PRIVATE KEY");
    assertThat(
            TrustBundle.parse(bundle())
                .anchors(Pem.certificates(issued.getString("certificateChain"))))
        .isTrue();
    given()
        .queryParam("authority", authority)
        .get("/v1/certificates")
        .then()
        .statusCode(200)
        .body("certificates.id", hasItem(id))
        .body("certificates.names.flatten()", hasItem("orders.example.com"));
  }

  @Test
  void onlyTheCaItselfCanRevokeWhatItIssued() {
    String id = issue("revoke.example.com").getString("certificate.id");

    given()
        .urlEncodingEnabled(false)
        .body(Map.of("reason", "SUPERSEDED"))
        .post("/v1/certificates/" + id + ":revoke")
        .then()
        .statusCode(409)
        .body("detail", containsString("only that CA can revoke it"));
  }

  @Test
  void aServerGetsAndRenewsItsCertificateFromTheCaAndVerifyFullClientsConnect() throws Exception {
    try (PostgresServer postgres = PostgresServer.start(LATEST)) {
      String server = register(postgres, "localhost");
      String fingerprint =
          given()
              .body(Map.of("source", "AUTHORITY", "authority", authority))
              .post("/v1/servers/" + server + "/certificates")
              .then()
              .statusCode(201)
              .body("keyOrigin", equalTo("MADE_ON_SERVER"))
              .extract()
              .path("certificate.fingerprint");
      Managed.ssl(server, true).statusCode(200);

      assertThat(RenewalIT.served(server)).isEqualTo(fingerprint);
      assertThat(loginByName(postgres)).isEqualTo("t");
      Managed.await(renew(server)).body("state", equalTo("SUCCEEDED"));
      assertThat(loginByName(postgres)).isEqualTo("t");
      assertThat(RenewalIT.served(server)).isNotEqualTo(fingerprint);
    }
  }

  @Test
  void whatTheCaRefusesIsAnsweredInItsWordsAndTheServerIsLeftAlone() throws Exception {
    try (PostgresServer postgres = PostgresServer.start(LATEST)) {
      String server = register(postgres, "db." + Pebble.BLOCKED);

      given()
          .body(Map.of("source", "AUTHORITY", "authority", authority))
          .post("/v1/servers/" + server + "/certificates")
          .then()
          .statusCode(502)
          .body("type", equalTo("/problems/issuer-fault"))
          .body("detail", containsString(Pebble.BLOCKED))
          .body("issuerProblem.type", equalTo("urn:ietf:params:acme:error:rejectedIdentifier"));

      assertThat(postgres.query("show ssl")).isEqualTo("off");
      assertThat(postgres.query("show ssl_cert_file")).isEqualTo("server.crt");
      try (Stream<Path> files = Files.walk(postgres.dataDirectory().resolve("pgseal"))) {
        assertThat(files.filter(Files::isRegularFile)).isEmpty();
      }
    }
  }

  @Test
  void noSecretOfTheAccountIsShownLoggedOrKeptOpen() {
    String shown = given().get("/v1/authorities/" + authority).then().extract().asString();
    String kept =
        application
            .controlDatabase()
            .query(
                "select string_agg(a::text || encode(private_key, 'escape'), '') from authority a");

    assertThat(kept).contains(authority);
    for (String secret : List.of(DnsHook.PASSWORD, Pebble.MAC_KEY)) {
      assertThat(shown).doesNotContain(secret);
      assertThat(kept).doesNotContain(secret);
      assertThat(application.replica().log()).doesNotContain(secret);
    }
  }

  /** What {@code pg_stat_ssl} says of a client that verifies chain and name. */
  private String loginByName(PostgresServer postgres) throws Exception {
    Path roots = Files.writeString(directory.resolve("roots.pem"), bundle());
    String url =
        "jdbc:postgresql://localhost:%d/postgres?sslmode=verify-full&sslrootcert=%s"
            .formatted(postgres.port(), roots);
    try (Connection connection =
            DriverManager.getConnection(url, PostgresServer.SUPERUSER, PostgresServer.PASSWORD);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select ssl from pg_stat_ssl where pid = pg_backend_pid()")) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static JsonPath issue(String endpoint) {
    return given()
        .body(Map.of("authority", authority, "endpoints", List.of(endpoint)))
        .post("/v1/certificates")
        .then()
        .statusCode(201)
        .extract()
        .jsonPath();
  }

  private static String renew(String server) {
    return given()
        .urlEncodingEnabled(false)
        .post("/v1/servers/" + server + "/certificates:renew")
        .then()
        .statusCode(202)
        .extract()
        .path("id");
  }

  private static String bundle() {
    String bundle = RenewalIT.bundle(authority);
    assertThat(Pem.certificates(bundle)).isEqualTo(Pem.certificates(ca.root(0)));
    return bundle;
  }

  private static Map<String, Object> connection(String name) {
    Map<String, Object> acme = new HashMap<>();
    acme.put("directory", ca.directory().toString());
    acme.put("directoryRoots", ca.directoryRoots());
    acme.put("roots", ca.root(0));
    acme.put("contacts", List.of("mailto:dba@example.com"));
    acme.put("externalAccountBinding", Map.of("keyId", Pebble.KEY_ID, "macKey", Pebble.MAC_KEY));
    acme.put(
        "dnsWebhook",
        Map.of(
            "url", ca.hook().webhook().url().toString(),
            "username", String.valueOf(ca.hook().webhook().username()),
            "password", DnsHook.PASSWORD));
    return Map.of(
        "name", name, "kind", "ACME", "policy", Map.of("maxValidity", "P1830D"), "acme", acme);
  }

  private static String register(PostgresServer postgres, String endpoint) {
    String name = "acme-db-" + UUID.randomUUID().toString().substring(0, 8);
    given()
        .body(
            Map.of(
                "name",
                name,
                "host",
                postgres.host(),
                "port",
                postgres.port(),
                "database",
                "postgres",
                "username",
                PostgresServer.SUPERUSER,
                "password",
                PostgresServer.PASSWORD,
                "endpoints",
                List.of(endpoint)))
        .post("/v1/servers")
        .then()
        .statusCode(201);
    return name;
  }
}
