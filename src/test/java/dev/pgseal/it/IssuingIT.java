package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.Pkcs12;
import dev.pgseal.certificate.SubjectAltNames;
import dev.pgseal.testing.PostgresServer;
import io.restassured.response.ValidatableResponse;
import java.io.StringWriter;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Certificates for whoever asks, from a request or with a key, over HTTP. */
class IssuingIT {

  private static final String PASSPHRASE = "of this test only";

  private String authority;

  @BeforeEach
  void use() {
    Application.shared();
    authority = Managed.authority();
  }

  @Test
  void aRequestIsSignedForTheNamesThatWereAskedForAndNotThoseOfTheRequest() throws Exception {
    KeyMaterial key = KeyType.DEFAULT.generate();
    String csr =
        csr(
            new KeyPair(key.publicKey(), key.privateKey()),
            "CN=evil.example.com",
            "evil.example.com");
    var answer =
        issue(
                Map.of(
                    "endpoints",
                    List.of("db1.example.com", "10.1.2.3", "bücher.example"),
                    "certificateSigningRequest",
                    csr,
                    "validity",
                    "P30D"))
            .statusCode(201)
            .header("Cache-Control", "no-store")
            .header("Location", containsString("/v1/certificates/"))
            .body("privateKey", nullValue())
            .body("pkcs12", nullValue())
            .body("warnings.code", contains("NAME_NOT_ISSUED"))
            .body("certificate.requestedBy", notNullValue())
            .extract();

    X509Certificate leaf = leaf(answer.path("certificateChain"));
    assertThat(leaf.getPublicKey()).isEqualTo(key.publicKey());
    assertThat(SubjectAltNames.of(leaf).toString())
        .contains("db1.example.com", "10.1.2.3", "xn--bcher-kva.example")
        .doesNotContain("evil");
    String location = answer.header("Location");
    given()
        .get(location.substring(location.indexOf("/v1")))
        .then()
        .statusCode(200)
        .body("status", equalTo("ISSUED"))
        .body("authority", equalTo(authority))
        .body("installedOn", empty());
    assertThat(
            given()
                .accept("text/plain")
                .get("/v1/certificates/" + answer.path("certificate.id") + "/chain")
                .then()
                .statusCode(200)
                .extract()
                .asString())
        .isEqualTo(answer.path("certificateChain"));
  }

  @Test
  void aKeyThatIsMadeHereIsAnsweredOnceInTheFormThatWasAskedFor() {
    var plain = issue(Map.of("endpoints", List.of("db"))).statusCode(201).extract();
    assertMatches(Pem.privateKey(plain.path("privateKey"), null), plain.path("certificateChain"));

    var encrypted =
        issue(
                Map.of(
                    "endpoints",
                    List.of("db"),
                    "keyType",
                    "RSA_3072",
                    "keyFormat",
                    "ENCRYPTED_PKCS8",
                    "passphrase",
                    PASSPHRASE))
            .statusCode(201)
            .body("privateKey", containsString("BEGIN ENCRYPTED PRIVATE KEY"))
            .extract();
    assertMatches(
        Pem.privateKey(encrypted.path("privateKey"), PASSPHRASE.toCharArray()),
        encrypted.path("certificateChain"));

    var file =
        issue(Map.of("endpoints", List.of("db"), "keyFormat", "PKCS12", "passphrase", PASSPHRASE))
            .statusCode(201)
            .body("privateKey", nullValue())
            .extract();
    Pkcs12 opened =
        Pkcs12.decode(
            Base64.getDecoder().decode((String) file.path("pkcs12")), PASSPHRASE.toCharArray());
    assertMatches(opened.key(), file.path("certificateChain"));

    for (var answer : List.of(plain, encrypted, file)) {
      String record = given().get("/v1/certificates/" + answer.path("certificate.id")).asString();
      assertThat(record).doesNotContain("PRIVATE KEY").doesNotContain("pkcs12");
    }
  }

  @Test
  void aClientCertificateNamesItsRole() {
    var answer =
        issue(Map.of("purpose", "CLIENT", "commonName", "orders_app"))
            .statusCode(201)
            .body("certificate.purpose", equalTo("CLIENT"))
            .body("certificate.subject", equalTo("CN=orders_app"))
            .extract();
    X509Certificate leaf = leaf(answer.path("certificateChain"));
    assertThat(leaf).satisfies(c -> assertThat(c.getExtendedKeyUsage()).hasSize(1));
    issue(Map.of("purpose", "CLIENT")).statusCode(400).body("field", equalTo("commonName"));
  }

  @Test
  void aKeyThatDriversTripOverIsIssuedWithAWarning() {
    issue(Map.of("endpoints", List.of("db"), "keyType", "ED25519"))
        .statusCode(201)
        .body("warnings.code", contains("KEY_NOT_SUPPORTED_EVERYWHERE"));
    issue(Map.of("endpoints", List.of("10.0.0.1"), "legacyIpNames", false))
        .statusCode(201)
        .body("warnings.code", contains("NAME_MISMATCH_OLD_CLIENTS"));
  }

  @Test
  void aPreviewSaysWhatWouldComeAndIssuesNothing() {
    issue(Map.of("endpoints", List.of("10.0.0.1"), "validateOnly", true))
        .statusCode(200)
        .header("Cache-Control", "no-store")
        .body("certificate", nullValue())
        .body("certificateChain", nullValue())
        .body("privateKey", nullValue());
    issue(Map.of("endpoints", List.of("10.0.0.1"), "validity", "P4000D", "validateOnly", true))
        .statusCode(422);
    listed(Map.of("authority", authority)).body("certificates", empty());
  }

  @Test
  void whatCannotBeIssuedIsSaidAndNothingIsRecorded() throws Exception {
    KeyPair weak = rsa(1024);
    KeyPair strong = rsa(3072);
    issue(request(csr(weak, "CN=db")))
        .statusCode(422)
        .body("type", equalTo("/problems/certificate-invalid"))
        .body("detail", containsString("1024"));
    String damaged = csr(strong, "CN=db");
    int middle = damaged.length() / 2;
    issue(request(damaged.substring(0, middle) + flipped(damaged, middle)))
        .statusCode(422)
        .body("type", equalTo("/problems/certificate-invalid"));
    issue(request("no request at all")).statusCode(422);
    issue(Map.of("endpoints", List.of("not a host name"))).statusCode(400);
    issue(Map.of("endpoints", List.of("db"), "validity", "PT0S")).statusCode(400);
    issue(Map.of("endpoints", List.of("db"), "validity", "P10000D"))
        .statusCode(422)
        .body("type", equalTo("/problems/policy-violation"));
    issue(Map.of("endpoints", List.of("db"), "keyFormat", "PKCS12"))
        .statusCode(400)
        .body("field", equalTo("passphrase"));
    issue(Map.of()).statusCode(400).body("field", equalTo("endpoints"));
    issue(Map.of("server", "no-such-server")).statusCode(404);
    given()
        .body(Map.of("authority", "no-such-authority", "endpoints", List.of("db")))
        .post("/v1/certificates")
        .then()
        .statusCode(404);
    listed(Map.of("authority", authority)).body("certificates", empty());
  }

  @Test
  void certificatesAreListedNewestFirstByAuthorityByServerAndByExpiry() {
    issue(Map.of("endpoints", List.of("first"), "validity", "P10D")).statusCode(201);
    issue(Map.of("endpoints", List.of("second"), "validity", "P100D")).statusCode(201);
    issue(Map.of("endpoints", List.of("third"), "validity", "P20D")).statusCode(201);

    listed(Map.of("authority", authority))
        .body("certificates.names.flatten()", contains("third", "second", "first"));
    String before = java.time.Instant.now().plus(java.time.Duration.ofDays(30)).toString();
    listed(Map.of("authority", authority, "expiringBefore", before))
        .body("certificates.names.flatten()", contains("third", "first"));
    String token =
        listed(Map.of("authority", authority, "pageSize", "2"))
            .body("certificates", hasSize(2))
            .extract()
            .path("nextPageToken");
    listed(Map.of("authority", authority, "pageSize", "2", "pageToken", token))
        .body("certificates.names.flatten()", contains("first"))
        .body("nextPageToken", nullValue());
    given().queryParam("expiringBefore", "soon").get("/v1/certificates").then().statusCode(400);
    given().get("/v1/certificates/not-an-id").then().statusCode(404);
  }

  @Test
  void theInventorySaysWhereACertificateLiesAndWhetherItIsServedNow() {
    try (PostgresServer postgres = PostgresServer.start(17)) {
      String server = Managed.register(postgres);
      String first = install(server);
      Managed.ssl(server, true).statusCode(200);
      inventory(first)
          .body("installedOn.server", contains(server))
          .body("installedOn.served", contains(true));

      String second = install(server);
      inventory(second).body("installedOn.served", contains(true));
      inventory(first).body("installedOn.served", everyItem(equalTo(false)));
      listed(Map.of("server", server))
          .body("certificates.id", hasItem(second))
          .body("certificates.find { it.id == '" + second + "' }.installedOn", hasSize(1));
    }
  }

  private String install(String server) {
    given()
        .body(Map.of("source", "AUTHORITY", "authority", authority))
        .post("/v1/servers/" + server + "/certificates")
        .then()
        .statusCode(201);
    return listed(Map.of("server", server)).extract().path("certificates[0].id");
  }

  private static ValidatableResponse inventory(String id) {
    return given().get("/v1/certificates/" + id).then().statusCode(200);
  }

  private static ValidatableResponse listed(Map<String, String> query) {
    return given().queryParams(query).get("/v1/certificates").then().statusCode(200);
  }

  private ValidatableResponse issue(Map<String, Object> request) {
    Map<String, Object> whole = new HashMap<>(request);
    whole.put("authority", authority);
    return given().body(whole).post("/v1/certificates").then();
  }

  private static Map<String, Object> request(String csr) {
    return Map.of("endpoints", List.of("db"), "certificateSigningRequest", csr);
  }

  private static void assertMatches(KeyMaterial key, String chain) {
    assertThat(leaf(chain).getPublicKey()).isEqualTo(key.publicKey());
  }

  private static X509Certificate leaf(String chain) {
    return Pem.certificates(chain).get(0);
  }

  private static KeyPair rsa(int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  private static String csr(KeyPair keys, String subject, String... names) throws Exception {
    String signature = keys.getPublic().getAlgorithm().equals("RSA") ? "RSA" : "ECDSA";
    var builder = new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), keys.getPublic());
    if (names.length > 0) {
      ExtensionsGenerator extensions = new ExtensionsGenerator();
      extensions.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(
              Arrays.stream(names)
                  .map(name -> new GeneralName(GeneralName.dNSName, name))
                  .toArray(GeneralName[]::new)));
      builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
    }
    var request =
        builder.build(
            new JcaContentSignerBuilder("SHA256with" + signature).build(keys.getPrivate()));
    StringWriter pem = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(pem)) {
      writer.writeObject(request);
    }
    return pem.toString();
  }

  private static String flipped(String pem, int at) {
    char c = pem.charAt(at) == 'A' ? 'B' : 'A';
    return c + pem.substring(at + 1);
  }
}
