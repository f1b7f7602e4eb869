package dev.pgseal.it;

import static dev.pgseal.it.SecurityIT.anonymous;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.Pem;
import io.restassured.response.ValidatableResponse;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Authorities of every kind, over HTTP. */
class AuthoritiesIT {

  private static final char[] PASSPHRASE = "of this test only".toCharArray();

  @BeforeEach
  void use() {
    Application.shared();
  }

  @Test
  void anIntermediateIsSignedByItsParentAndItsPolicyIsNoWider() {
    String root = name();
    create(
            Map.of(
                "name",
                root,
                "pathLength",
                1,
                "keyType",
                "ECDSA_P384",
                "policy",
                Map.of("permittedNames", List.of("db.example.com"), "maxValidity", "P30D")))
        .statusCode(201)
        .body("kind", equalTo("ROOT"))
        .body("policy.maxValidity", equalTo("PT720H"));
    String below = name();
    create(Map.of("name", below, "kind", "INTERMEDIATE", "parent", root, "pathLength", 0))
        .statusCode(201)
        .body("parent", equalTo(root))
        .body("policy.permittedNames", contains("db.example.com"))
        .body("policy.maxValidity", equalTo("PT720H"))
        .body("chain", hasSize(2));
    create(Map.of("name", name(), "kind", "INTERMEDIATE", "parent", below))
        .statusCode(422)
        .body("type", equalTo("/problems/policy-violation"));

    issue(below, "db1.db.example.com").statusCode(201);
    issue(below, "db1.example.org")
        .statusCode(422)
        .body("type", equalTo("/problems/policy-violation"))
        .body("detail", containsString("db1.example.org"));
    String bundle = text("/v1/authorities/" + below + "/bundle");
    assertThat(bundle).isEqualTo(text("/v1/authorities/" + root + "/bundle"));
  }

  @Test
  void anAuthorityThatIsBroughtAlongIssuesWithItsOwnKey() {
    KeyMaterial key = KeyType.DEFAULT.generate();
    X509Certificate outside = OutsideAuthority.selfSigned(key, "Outside");
    String imported = name();
    create(
            Map.of(
                "name",
                imported,
                "kind",
                "IMPORTED",
                "certificateChain",
                Pem.encode(outside),
                "privateKey",
                new String(key.pkcs8Pem(), StandardCharsets.US_ASCII)))
        .statusCode(201)
        .body("kind", equalTo("IMPORTED"))
        .body("certificate.subject", equalTo("CN=Outside"));
    String fromFile = name();
    create(
            Map.of(
                "name",
                fromFile,
                "kind",
                "IMPORTED",
                "pkcs12",
                Base64.getEncoder()
                    .encodeToString(key.pkcs12(List.of(outside), "ca", PASSPHRASE.clone())),
                "passphrase",
                new String(PASSPHRASE)))
        .statusCode(201);

    for (String authority : List.of(imported, fromFile)) {
      String chain = issue(authority, "db.example.com").extract().path("certificateChain");
      assertThat(Pem.certificates(chain).get(0).getIssuerX500Principal())
          .isEqualTo(outside.getSubjectX500Principal());
      anonymous().get("/v1/authorities/" + authority + "/crl").then().statusCode(200);
    }
  }

  @Test
  void aKeyOfAnotherAuthorityIsRefusedAndTheNameStaysFree() {
    X509Certificate outside =
        OutsideAuthority.selfSigned(KeyType.DEFAULT.generate(), "Outside of another key");
    String name = name();
    Map<String, Object> request = new HashMap<>();
    request.put("name", name);
    request.put("kind", "IMPORTED");
    request.put("certificateChain", Pem.encode(outside));
    request.put(
        "privateKey", new String(KeyType.DEFAULT.generate().pkcs8Pem(), StandardCharsets.US_ASCII));
    String answer =
        create(request)
            .statusCode(422)
            .body("type", equalTo("/problems/certificate-invalid"))
            .extract()
            .asString();
    assertThat(answer).doesNotContain("PRIVATE KEY");
    given().get("/v1/authorities/" + name).then().statusCode(404);
  }

  @Test
  void aPendingAuthorityIssuesOnceItsRequestWasSignedOutside() {
    String name = name();
    String csr =
        create(Map.of("name", name, "kind", "PENDING", "commonName", "Issuing CA"))
            .statusCode(201)
            .body("state", equalTo("PENDING"))
            .body("certificate", nullValue())
            .extract()
            .path("certificateSigningRequest");
    given().get("/v1/authorities/" + name + "/bundle").then().statusCode(404);
    requireNoRevocationList(name);
    issue(name, "db.example.com").statusCode(409).body("type", equalTo("/problems/illegal-state"));

    KeyMaterial key = KeyType.DEFAULT.generate();
    X509Certificate root = OutsideAuthority.selfSigned(key, "Outside root");
    String signed = Pem.encode(OutsideAuthority.sign(root, key, csr)) + Pem.encode(root);
    complete(name, Pem.encode(root))
        .statusCode(422)
        .body("type", equalTo("/problems/certificate-invalid"));
    complete(name, signed)
        .statusCode(200)
        .body("state", equalTo("ACTIVE"))
        .body("certificate.subject", equalTo("CN=Issuing CA"))
        .body("chain", hasSize(2));
    complete(name, signed).statusCode(409);

    issue(name, "db.example.com").statusCode(201);
    assertThat(text("/v1/authorities/" + name + "/bundle")).isEqualTo(Pem.encode(root));
    anonymous().get("/v1/authorities/" + name + "/crl").then().statusCode(200);
  }

  @Test
  void anAuthorityThatMayNotSignRevocationListsIssuesAllTheSame() {
    KeyMaterial key = KeyType.DEFAULT.generate();
    String name = name();
    create(
            Map.of(
                "name",
                name,
                "kind",
                "IMPORTED",
                "certificateChain",
                Pem.encode(OutsideAuthority.withoutCrlSign(key, "Without lists")),
                "privateKey",
                new String(key.pkcs8Pem(), StandardCharsets.US_ASCII)))
        .statusCode(201);
    requireNoRevocationList(name);
    issue(name, "db.example.com").statusCode(201);
  }

  private static void requireNoRevocationList(String authority) {
    anonymous()
        .get("/v1/authorities/" + authority + "/crl")
        .then()
        .statusCode(404)
        .body("detail", containsString("no revocation list"))
        .body("hint", containsString("cRLSign"));
  }

  @Test
  void whatItsKindHasNoUseForIsRefused() {
    create(Map.of("name", name(), "parent", "corp"))
        .statusCode(400)
        .body("field", equalTo("parent"));
    create(Map.of("name", name(), "kind", "INTERMEDIATE"))
        .statusCode(400)
        .body("field", equalTo("parent"));
    create(Map.of("name", name(), "kind", "IMPORTED", "pkcs12", "AAAA", "passphrase", "x"))
        .statusCode(422)
        .body("type", equalTo("/problems/certificate-invalid"));
    create(Map.of("name", name(), "keyType", "ED25519"))
        .statusCode(422)
        .body("hint", notNullValue());
    create(Map.of("name", name(), "validity", "P100000D")).statusCode(400);
    create(Map.of("name", name(), "policy", Map.of("permittedNames", List.of("not a name!"))))
        .statusCode(400);
  }

  @Test
  void aNameIsGivenOnce() {
    String name = name();
    create(Map.of("name", name)).statusCode(201);
    create(Map.of("name", name)).statusCode(409).body("type", equalTo("/problems/name-taken"));
  }

  @Test
  void authoritiesAreListedPageByPage() {
    create(Map.of("name", name())).statusCode(201);
    create(Map.of("name", name())).statusCode(201);
    var first = given().queryParam("pageSize", 1).get("/v1/authorities").then().statusCode(200);
    first.body("authorities", hasSize(1)).body("nextPageToken", notNullValue());
    String firstName = first.extract().path("authorities[0].name");
    String secondName =
        given()
            .queryParam("pageSize", 1)
            .queryParam("pageToken", (String) first.extract().path("nextPageToken"))
            .get("/v1/authorities")
            .then()
            .extract()
            .path("authorities[0].name");
    assertThat(secondName).isGreaterThan(firstName);
  }

  private static String name() {
    return "ca-" + UUID.randomUUID().toString().substring(0, 8);
  }

  private static ValidatableResponse create(Map<String, Object> request) {
    return given().body(request).post("/v1/authorities").then();
  }

  private static ValidatableResponse complete(String authority, String chain) {
    return given()
        .urlEncodingEnabled(false)
        .body(Map.of("certificateChain", chain))
        .post("/v1/authorities/" + authority + ":complete")
        .then();
  }

  private static ValidatableResponse issue(String authority, String endpoint) {
    return given()
        .body(Map.of("authority", authority, "endpoints", List.of(endpoint)))
        .post("/v1/certificates")
        .then();
  }

  private static String text(String path) {
    return given().accept("text/plain").get(path).then().statusCode(200).extract().asString();
  }
}
