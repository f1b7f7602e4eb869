package dev.pgseal.fuzz;

import static io.restassured.RestAssured.given;

import dev.pgseal.it.Application;
import dev.pgseal.testing.PostgresServer;
import io.restassured.RestAssured;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The managed servers of the fuzzer, and what else its requests can name. */
final class Fleet implements AutoCloseable {

  /** Enough that some are left, whatever is deleted. */
  static final List<String> WEBHOOKS = IntStream.range(0, 100).mapToObj(i -> "hook-" + i).toList();

  private static final String PLAIN = "guarded-plain";
  private static final String TLS = "guarded-tls";
  private static final int SPARE = 40;

  private final Application application;
  private final PostgresServer plain = PostgresServer.start(14);
  private final PostgresServer tls = PostgresServer.start(18);
  private final PostgresServer sandbox = PostgresServer.start(17);
  private final HttpClient http = HttpClient.newHttpClient();

  Fleet(Application application) {
    this.application = application;
  }

  List<PostgresServer> guarded() {
    return List.of(plain, tls);
  }

  Things prepare() {
    RestAssured.requestSpecification = application.replica().admin();
    register(PLAIN, plain, Map.of());
    register(TLS, tls, Map.of());
    register("sandbox", sandbox, Map.of("fuzz", "decoy"));
    given()
        .body(Map.of("source", "SELF_SIGNED"))
        .post("/v1/servers/" + TLS + "/certificates")
        .then()
        .statusCode(201);
    given().body(Map.of("enabled", true)).put("/v1/servers/" + TLS + "/ssl").then().statusCode(200);
    given()
        .urlEncodingEnabled(false)
        .body(Map.of("direction", "ENFORCE"))
        .post("/v1/servers/" + TLS + "/hba:convert")
        .then()
        .statusCode(200);
    webhooks();
    authority(Map.of("name", "fuzz-ca"));
    authority(Map.of("name", "fuzz-pending", "kind", "PENDING"));
    String ended = endedJob();
    // before any server is gone, for a rotation wants to see all of them
    List<String> waiting = List.of(waitingJob("fuzz-turn-1"), waitingJob("fuzz-turn-2"));
    return new Things(
        List.of(PLAIN, TLS),
        List.of("decoy-1", "decoy-2"),
        "sandbox",
        registerGone(),
        List.of("fuzz-ca", "fuzz-ca", "fuzz-pending", Things.NOWHERE),
        certificates(),
        List.of(ended),
        waiting,
        spareTokens(),
        ruleIds(),
        sandbox.port(),
        tokens(),
        this::etag);
  }

  /** Servers that were there when they were registered. */
  private List<String> registerGone() {
    List<String> spare = new ArrayList<>();
    try (PostgresServer gone = PostgresServer.start(16)) {
      register("decoy-1", gone, Map.of("fuzz", "decoy"));
      register("decoy-2", gone, Map.of("fuzz", "decoy"));
      for (int i = 0; i < SPARE; i++) {
        register("spare-" + i, gone, Map.of("fuzz", "decoy"));
        spare.add("spare-" + i);
      }
    }
    return spare;
  }

  private static void register(String name, PostgresServer server, Map<String, String> labels) {
    given()
        .body(
            Map.of(
                "name",
                name,
                "host",
                server.host(),
                "port",
                server.port(),
                "username",
                PostgresServer.SUPERUSER,
                "password",
                PostgresServer.PASSWORD,
                "endpoints",
                List.of("localhost", "127.0.0.1"),
                "labels",
                labels))
        .post("/v1/servers")
        .then()
        .statusCode(201);
  }

  private static void authority(Map<String, String> body) {
    given().body(body).post("/v1/authorities").then().statusCode(201);
  }

  private static List<String> certificates() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      ids.add(
          given()
              .body(Map.of("authority", "fuzz-ca", "purpose", "CLIENT", "commonName", "app" + i))
              .post("/v1/certificates")
              .then()
              .statusCode(201)
              .extract()
              .path("certificate.id"));
    }
    return ids;
  }

  private static String endedJob() {
    String job =
        given()
            .body(
                Map.of("target", "OFFERED", "servers", List.of("sandbox"), "authority", "fuzz-ca"))
            .post("/v1/rollouts")
            .then()
            .statusCode(202)
            .extract()
            .path("id");
    given().queryParam("wait", "60s").get("/v1/jobs/" + job).then().statusCode(200);
    return job;
  }

  private static String waitingJob(String authority) {
    authority(Map.of("name", authority));
    return given()
        .urlEncodingEnabled(false)
        .body(Map.of("pause", true))
        .post("/v1/authorities/" + authority + ":rotate")
        .then()
        .statusCode(202)
        .extract()
        .path("id");
  }

  /** Nobody is at their address. */
  private static void webhooks() {
    for (String name : WEBHOOKS) {
      given()
          .body(Map.of("name", name, "url", "https://hooks.invalid/" + name))
          .post("/v1/webhooks")
          .then()
          .statusCode(201);
    }
  }

  private static List<String> spareTokens() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      token("spare-" + i, List.of("VIEWER"), Map.of());
      names.add("spare-" + i);
    }
    return names;
  }

  private static Map<String, String> tokens() {
    Map<String, String> tokens = new TreeMap<>();
    for (String role : List.of("VIEWER", "APPROVER", "ADMIN")) {
      tokens.put(role, token(role.toLowerCase(java.util.Locale.ROOT), List.of(role), Map.of()));
    }
    tokens.put("OPERATOR", token("operator", List.of("OPERATOR"), Map.of("fuzz", "decoy")));
    return tokens;
  }

  private static String token(String name, List<String> roles, Map<String, String> labels) {
    return given()
        .body(Map.of("name", name, "roles", roles, "serverLabels", labels))
        .post("/v1/tokens")
        .then()
        .statusCode(201)
        .extract()
        .path("token");
  }

  private static List<String> ruleIds() {
    return given().get("/v1/servers/sandbox/hba").then().extract().path("rules.id");
  }

  private String etag(String path) {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create(application.replica().baseUri() + path))
                  .header("Authorization", "Bearer " + application.token())
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .headers()
          .firstValue("ETag")
          .orElse("\"none\"");
    } catch (java.io.IOException e) {
      return "\"none\"";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    plain.close();
    tls.close();
    sandbox.close();
  }
}
