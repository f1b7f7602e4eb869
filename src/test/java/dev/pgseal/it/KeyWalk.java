package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.Pkcs12;
import dev.pgseal.certificate.SelfSigned;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.certificate.SigningRequest;
import dev.pgseal.testing.KeyTraces;
import dev.pgseal.testing.PostgresServer;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;

/** Leads private keys along every path that the API has for them, and notes each to look for it. */
final class KeyWalk {

  private static final Clock CLOCK = Clock.systemUTC();
  private static final String PASSPHRASE = "passphrase-of-the-walk";

  private final Application application;
  private final KeyTraces traces;
  private final String run = UUID.randomUUID().toString().substring(0, 8);

  KeyWalk(Application application, KeyTraces traces) {
    this.application = application;
    this.traces = traces.addText("passphrase", PASSPHRASE);
  }

  /** The authority that has no other below it, hence can be rotated alone. */
  String corp() {
    return "corp-" + run;
  }

  void authorities() throws SQLException {
    create(corp(), Map.of());
    create("rsa-" + run, Map.of("keyType", "RSA_3072"));
    create("below-" + run, Map.of("kind", "INTERMEDIATE", "parent", "rsa-" + run));
    Authority outside = Authority.create(AuthorityProfile.of("Outside"), CLOCK);
    Authority other = Authority.create(AuthorityProfile.of("Other"), CLOCK);
    note("imported", outside.key());
    note("imported as a file", other.key());
    create(
        "imported-" + run,
        Map.of(
            "kind",
            "IMPORTED",
            "certificateChain",
            Pem.encode(outside.chain()),
            "privateKey",
            ascii(outside.key().encryptedPkcs8Pem(PASSPHRASE.toCharArray())),
            "passphrase",
            PASSPHRASE));
    create("file-" + run, with(Map.of("kind", "IMPORTED"), other.key(), other.chain()));
    String csr =
        create("pending-" + run, Map.of("kind", "PENDING"))
            .extract()
            .path("certificateSigningRequest");
    given()
        .urlEncodingEnabled(false)
        .body(
            Map.of(
                "certificateChain",
                Pem.encode(
                    outside.issueAuthority(
                        AuthorityProfile.of("pending-" + run),
                        SigningRequest.parse(csr).publicKey(),
                        CLOCK))))
        .post("/v1/authorities/pending-" + run + ":complete")
        .then()
        .statusCode(200);
    noteSealed();
  }

  /** Keys that are made here and answered once. */
  void issued() {
    note(
        "issued",
        Pem.privateKey(issue("PKCS8", "SERVER", "ECDSA_P384").getString("privateKey"), null));
    note(
        "issued RSA",
        Pem.privateKey(issue("PKCS8", "CLIENT", "RSA_3072").getString("privateKey"), null));
    note(
        "issued encrypted",
        Pem.privateKey(
            issue("ENCRYPTED_PKCS8", "CLIENT", "ECDSA_P256").getString("privateKey"),
            PASSPHRASE.toCharArray()));
    String file = issue("PKCS12", "CLIENT", "ECDSA_P256").getString("pkcs12");
    note(
        "issued as a file",
        Pkcs12.decode(Base64.getDecoder().decode(file), PASSPHRASE.toCharArray()).key());
  }

  /** Certificates of all sources: in the first contact, then over the TLS that is served. */
  void installed(String server) {
    provided(server, "sent at first contact", "SENT_AFTER_FIRST_CONTACT");
    install(server, Map.of("source", "SELF_SIGNED"));
    install(server, Map.of("source", "AUTHORITY", "authority", "file-" + run));
    Managed.ssl(server, true).statusCode(200);
    provided(server, "sent over TLS", "SENT_OVER_TLS");
    install(
        server,
        Map.of("source", "AUTHORITY", "authority", "below-" + run, "keyType", "ECDSA_P384"));
    install(
        server,
        Map.of("source", "AUTHORITY", "authority", "imported-" + run, "keyType", "RSA_3072"));
    install(server, Map.of("source", "AUTHORITY", "authority", "pending-" + run));
    install(server, Map.of("source", "AUTHORITY", "authority", corp()));
  }

  private void provided(String server, String way, String origin) {
    KeyMaterial plain = KeyType.DEFAULT.generate();
    note("plain, " + way, plain);
    install(server, pem(plain, ascii(plain.pkcs8Pem()))).body("keyOrigin", equalTo(origin));
    KeyMaterial encrypted = KeyType.DEFAULT.generate();
    note("encrypted, " + way, encrypted);
    Map<String, Object> request =
        new HashMap<>(pem(encrypted, ascii(encrypted.encryptedPkcs8Pem(PASSPHRASE.toCharArray()))));
    request.put("passphrase", PASSPHRASE);
    install(server, request);
    KeyMaterial file = KeyType.RSA_3072.generate();
    note("file, " + way, file);
    install(server, with(Map.of("source", "PROVIDED"), file, selfSigned(file).chain()));
  }

  /** An error makes servers, and us, tell what they would not tell otherwise. */
  void refused(String server, PostgresServer postgres) throws IOException {
    KeyMaterial key = KeyType.DEFAULT.generate();
    KeyMaterial stranger = KeyType.DEFAULT.generate();
    note("damaged", key);
    note("not matching", stranger);
    post(server, pem(key, ascii(key.pkcs8Pem()).replace("-----END", "----END"))).statusCode(422);
    post(server, pem(key, ascii(stranger.pkcs8Pem()))).statusCode(422);
    Map<String, Object> wrong =
        new HashMap<>(with(Map.of("source", "PROVIDED"), key, selfSigned(key).chain()));
    wrong.put("passphrase", "not this passphrase");
    post(server, wrong).statusCode(422);
    Path generations = postgres.dataDirectory().resolve("pgseal/certificates");
    permit(generations, "r-x------");
    try {
      post(server, pem(key, ascii(key.pkcs8Pem())))
          .statusCode(422)
          .body("type", equalTo("/problems/file-not-written"));
    } finally {
      permit(generations, "rwx------");
    }
  }

  void renewed(String server) {
    String job =
        given()
            .urlEncodingEnabled(false)
            .post("/v1/servers/" + server + "/certificates:renew")
            .then()
            .statusCode(202)
            .extract()
            .path("id");
    Managed.await(job).body("state", equalTo("SUCCEEDED"));
  }

  /** A canary in the list of each generation shows that a server has loaded it. */
  void revoked(List<String> servers) throws SQLException {
    for (String server : servers) {
      given()
          .body(Map.of("authority", corp()))
          .put("/v1/servers/" + server + "/client-authentication")
          .then()
          .statusCode(200);
    }
    noteSealed();
    for (int i = 0; i < 2; i++) {
      var client = issue("PKCS8", "CLIENT", "ECDSA_P256");
      note("revoked " + i, Pem.privateKey(client.getString("privateKey"), null));
      String job =
          given()
              .urlEncodingEnabled(false)
              .body(Map.of("reason", "KEY_COMPROMISE"))
              .post("/v1/certificates/" + client.getString("certificate.id") + ":revoke")
              .then()
              .statusCode(202)
              .extract()
              .path("job.id");
      Managed.await(job).body("state", equalTo("SUCCEEDED"));
      noteSealed();
    }
  }

  void rotated() throws SQLException {
    String job =
        given()
            .urlEncodingEnabled(false)
            .body(Map.of("pause", true))
            .post("/v1/authorities/" + corp() + ":rotate")
            .then()
            .statusCode(202)
            .extract()
            .path("id");
    // the client certificates that were issued stand below the old generation still
    for (String step : List.of("CONFIRM_TRUST", "CONFIRM_SERVED", "CHECK_NOTHING_LEFT")) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  given()
                      .get("/v1/jobs/" + job)
                      .then()
                      .body("state", equalTo("AWAITING_APPROVAL"))
                      .body("steps.find { it.state == 'RUNNING' }.kind", equalTo(step)));
      noteSealed();
      given()
          .urlEncodingEnabled(false)
          .post("/v1/jobs/" + job + ":continue")
          .then()
          .statusCode(200);
    }
    Managed.await(job).body("state", equalTo("SUCCEEDED"));
    noteSealed();
  }

  /** Without TLS and forgotten. */
  void off(String server) {
    given().delete("/v1/servers/" + server + "/client-authentication").then().statusCode(204);
    Managed.ssl(server, false).statusCode(200);
    // a rotation asks every server that is registered, and a later one shall not ask this
    given().delete("/v1/servers/" + server).then().statusCode(204);
  }

  private ValidatableResponse create(String name, Map<String, Object> request) {
    Map<String, Object> body = new HashMap<>(request);
    body.put("name", name);
    return given().body(body).post("/v1/authorities").then().statusCode(201);
  }

  /** The one answer that may hold a key is not among the answers that are looked at. */
  private JsonPath issue(String format, String purpose, String keyType) {
    Map<String, Object> body = new HashMap<>();
    body.put("authority", corp());
    body.put("purpose", purpose);
    body.put("keyType", keyType);
    body.put("keyFormat", format);
    if (!format.equals("PKCS8")) {
      body.put("passphrase", PASSPHRASE);
    }
    if (purpose.equals("CLIENT")) {
      body.put("commonName", "app");
    } else {
      body.put("endpoints", List.of("localhost"));
    }
    return given()
        .noFilters()
        .body(body)
        .post("/v1/certificates")
        .then()
        .statusCode(201)
        .header("Cache-Control", containsString("no-store"))
        .extract()
        .jsonPath();
  }

  private static ValidatableResponse install(String server, Map<String, Object> request) {
    return post(server, request).statusCode(201).body("keyOrigin", notNullValue());
  }

  private static ValidatableResponse post(String server, Map<String, Object> request) {
    return given().body(request).post("/v1/servers/" + server + "/certificates").then();
  }

  private static Map<String, Object> pem(KeyMaterial key, String privateKey) {
    return Map.of(
        "source",
        "PROVIDED",
        "certificateChain",
        selfSigned(key).chainPem(),
        "privateKey",
        privateKey);
  }

  /** As a PKCS#12 file. */
  private static Map<String, Object> with(
      Map<String, Object> request, KeyMaterial key, List<X509Certificate> chain) {
    Map<String, Object> body = new HashMap<>(request);
    body.put(
        "pkcs12",
        Base64.getEncoder().encodeToString(key.pkcs12(chain, "user", PASSPHRASE.toCharArray())));
    body.put("passphrase", PASSPHRASE);
    return body;
  }

  private static IssuedCertificate selfSigned(KeyMaterial key) {
    return SelfSigned.server(ServerCertificateRequest.of("localhost", "127.0.0.1"), key, CLOCK);
  }

  private void note(String name, KeyMaterial key) {
    traces.add(name, ascii(key.pkcs8Pem()));
  }

  private void noteSealed() throws SQLException {
    SealedKeys.open(application).forEach(traces::add);
  }

  private static void permit(Path directory, String permissions) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(permissions));
  }

  private static String ascii(byte[] text) {
    return new String(text, StandardCharsets.US_ASCII);
  }
}
