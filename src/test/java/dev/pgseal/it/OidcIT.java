package dev.pgseal.it;

import static dev.pgseal.it.TokenOf.bearer;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.hamcrest.Matcher;
import org.hamcrest.Matchers;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.keys.HmacKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** JWTs of an OpenID provider that really publishes keys, and signs with them. */
@TestInstance(Lifecycle.PER_CLASS)
class OidcIT {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final OpenIdProvider provider = new OpenIdProvider().start();
  private Application application;

  @BeforeAll
  void start() {
    application =
        Application.start(
            Map.of(
                "pgseal.oidc.enabled", "true",
                "pgseal.oidc.issuer", provider.issuer(),
                "pgseal.oidc.audience", OpenIdProvider.AUDIENCE,
                "pgseal.oidc.roles.viewer", "auditors",
                "pgseal.oidc.roles.operator", "dba,pipelines",
                "pgseal.oidc.roles.approver", "change-board",
                "pgseal.oidc.roles.admin", "owners",
                "pgseal.oidc.server-labels-claim", "pgseal/labels",
                "quarkus.oidc.token.forced-jwk-refresh-interval", "PT1S"));
  }

  @BeforeEach
  void use() {
    RestAssured.requestSpecification = application.replica().admin();
  }

  @AfterAll
  void stop() {
    application.close();
    provider.close();
  }

  @Test
  void theClaimDecidesOnTheRole() {
    assertAccess(limited("auditors"), 200, 403, 403, 403);
    assertAccess(limited("something-else", "pipelines"), 200, 400, 404, 403);
    assertAccess(limited("change-board"), 200, 403, 404, 403);
    assertAccess(provider.token("ann", "owners"), 200, 400, 404, 200);
  }

  private String limited(String... groups) {
    JwtClaims claims = provider.claims("ann", groups);
    claims.setClaim("pgseal", Map.of("labels", Map.of("env", "test")));
    return provider.sign(claims);
  }

  private static void assertAccess(String jwt, int read, int change, int proceed, int tokens) {
    bearer(jwt).get("/v1/servers").then().statusCode(read);
    bearer(jwt).body("{}").post("/v1/rollouts").then().statusCode(change);
    bearer(jwt)
        .urlEncodingEnabled(false)
        .post("/v1/jobs/" + UUID.randomUUID() + ":continue")
        .then()
        .statusCode(proceed);
    bearer(jwt).get("/v1/tokens").then().statusCode(tokens);
  }

  @Test
  void aGroupThatStandsForNothingIsNoRoleEvenWhenItIsCalledLikeOne() {
    bearer(provider.token("mallory", "admin", "ADMIN", "viewer"))
        .get("/v1/servers")
        .then()
        .statusCode(403)
        .contentType("application/problem+json")
        .body("type", equalTo("/problems/forbidden"))
        .body("caller", equalTo("oidc:mallory"))
        .body("detail", containsString("groups"))
        .body("hint", containsString("pgseal.oidc.roles"));
  }

  @Test
  void whoIsLimitedByNothingReachesNothing() {
    bearer(provider.token("ann", "dba"))
        .get("/v1/servers")
        .then()
        .statusCode(403)
        .body("detail", containsString("pgseal/labels"));
    JwtClaims limitedAdmin = provider.claims("ann", "owners");
    limitedAdmin.setClaim("pgseal", Map.of("labels", List.of("env=test")));
    bearer(provider.sign(limitedAdmin))
        .get("/v1/servers")
        .then()
        .statusCode(403)
        .body("detail", containsString("ADMIN"));
  }

  @Test
  void theLabelsOfTheClaimLimitToSomeServers() {
    String mine = server("test");
    String other = server("prod");

    bearer(limited("dba"))
        .get("/v1/servers")
        .then()
        .body("servers.name", hasItem(mine))
        .body("servers.name", not(hasItem(other)));
    bearer(limited("dba")).get("/v1/servers/" + other).then().statusCode(404);
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

  @Test
  void theNameIsRecordedAndNoTokenCanHaveIt() {
    String name = "token-" + UUID.randomUUID();
    bearer(provider.token("ann", "owners"))
        .body(Map.of("name", name, "roles", List.of("VIEWER")))
        .post("/v1/tokens")
        .then()
        .statusCode(201);

    given()
        .get("/v1/tokens?pageSize=500")
        .then()
        .body("tokens.find { it.name == '" + name + "' }.createdBy", equalTo("oidc:ann"));
    given()
        .body(Map.of("name", "oidc:ann", "roles", List.of("VIEWER")))
        .post("/v1/tokens")
        .then()
        .statusCode(400);
  }

  @Test
  void aNewKeyOfTheProviderIsTakenUpAndTheOldOneIsNotTakenAnyMore() {
    String before = limited("auditors");
    servers(before).statusCode(200);

    provider.rotate(OpenIdProvider.ec());

    await("the new key").atMost(PATIENCE).until(() -> status(limited("auditors")) == 200);
    servers(before).statusCode(401);
  }

  private static int status(String jwt) {
    return servers(jwt).extract().statusCode();
  }

  private static ValidatableResponse servers(String jwt) {
    return bearer(jwt).get("/v1/servers").then();
  }

  /** One replica that is started while the provider is away, and meets every hostile token. */
  @Test
  void withoutTheProviderItsTokensHaveToWaitAndAfterwardsForgedOnesAreRefusedAndCounted() {
    provider.close();
    Application.Replica replica = application.startReplica();
    RestAssured.requestSpecification = replica.admin();
    try {
      servers(limited("auditors"))
          .statusCode(503)
          .contentType("application/problem+json")
          .header("Retry-After", equalTo("5"))
          .body("type", equalTo("/problems/identity-provider-away"));
      servers(application.token()).statusCode(200);

      provider.start();
      await("the provider").atMost(PATIENCE).until(() -> status(limited("auditors")) == 200);

      Map<String, String> hostile = hostileTokens();
      hostile.forEach(
          (what, jwt) ->
              bearer(jwt)
                  .get("/v1/servers")
                  .then()
                  .statusCode(describedAs(what))
                  .contentType("application/problem+json")
                  .header("WWW-Authenticate", startsWith("Bearer realm=\"pgseal\""))
                  .header("WWW-Authenticate", containsString("invalid_token"))
                  .body("type", equalTo("/problems/unauthenticated"))
                  .body(not(containsString("jose4j"))));
      for (int i = hostile.size(); i < 20; i++) {
        servers(hostile.get("expired")).statusCode(401);
      }
      servers(hostile.get("expired")).statusCode(429);
      servers(limited("auditors")).statusCode(200);
    } finally {
      provider.close();
      provider.start();
      replica.stop();
    }
  }

  private static Matcher<Integer> describedAs(String what) {
    return Matchers.describedAs("401 for a token that is " + what, equalTo(401));
  }

  private Map<String, String> hostileTokens() {
    PublicJsonWebKey real = provider.key();
    Map<String, String> hostile = new LinkedHashMap<>();
    JwtClaims good = provider.claims("mallory", "owners");
    hostile.put("expired", spoilt(c -> c.setExpirationTime(OpenIdProvider.secondsFromNow(-60))));
    hostile.put("without an end", spoilt(c -> c.unsetClaim("exp")));
    hostile.put("not valid yet", spoilt(c -> c.setNotBefore(OpenIdProvider.secondsFromNow(300))));
    hostile.put(
        "issued long ago",
        spoilt(
            c -> {
              c.setIssuedAt(OpenIdProvider.secondsFromNow(-13 * 3600));
              c.setExpirationTime(OpenIdProvider.secondsFromNow(3600));
            }));
    hostile.put("for another audience", spoilt(c -> c.setAudience("another-service")));
    hostile.put("for no audience", spoilt(c -> c.unsetClaim("aud")));
    hostile.put("of another issuer", spoilt(c -> c.setIssuer("http://127.0.0.1:1")));
    hostile.put("about nobody", spoilt(c -> c.unsetClaim("sub")));
    hostile.put("about a line break", spoilt(c -> c.setSubject("ann\nbootstrap")));
    hostile.put("not signed", OpenIdProvider.sign(good, real, null, AlgorithmIdentifiers.NONE));
    hostile.put(
        "signed with the public key as a secret",
        OpenIdProvider.sign(
            good, real, new HmacKey(real.getKey().getEncoded()), AlgorithmIdentifiers.HMAC_SHA256));
    PublicJsonWebKey stranger = OpenIdProvider.rsa();
    hostile.put(
        "signed with a stranger's key under a known id",
        OpenIdProvider.sign(
            good, real, stranger.getPrivateKey(), AlgorithmIdentifiers.RSA_USING_SHA256));
    hostile.put(
        "signed with a stranger's key",
        OpenIdProvider.sign(
            good, stranger, stranger.getPrivateKey(), AlgorithmIdentifiers.RSA_USING_SHA256));
    String valid = provider.token("mallory", "auditors");
    String claims =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(good.toJson().getBytes(StandardCharsets.UTF_8));
    hostile.put(
        "signed over other claims",
        valid.substring(0, valid.indexOf('.') + 1)
            + claims
            + valid.substring(valid.lastIndexOf('.')));
    hostile.put("no JWT", "eyJ.x.y");
    return hostile;
  }

  private String spoilt(Consumer<JwtClaims> how) {
    JwtClaims claims = provider.claims("mallory", "owners");
    how.accept(claims);
    return provider.sign(claims);
  }
}
