package dev.pgseal.it;

import static dev.pgseal.it.RenewalIT.bundle;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An authority is rotated under a primary, two standbys and clients that all verify. */
class RotationIT {

  private static final int LATEST = 18;

  private static PostgresServer primary;
  private static PostgresServer first;
  private static PostgresServer second;
  private static String authority;
  private static String[] servers;

  @BeforeAll
  static void start() {
    Application.shared();
    primary =
        PostgresServer.builder(LATEST).setting("wal_retrieve_retry_interval", "300ms").start();
    first = primary.standby("first");
    second = primary.standby("second");
    authority = Managed.authority();
    servers =
        new String[] {Managed.register(primary), Managed.register(first), Managed.register(second)};
    Managed.await(Managed.rollout("ENFORCED", authority, servers))
        .body("state", equalTo("SUCCEEDED"));
    for (String server : servers) {
      given()
          .body(Map.of("authority", authority))
          .put("/v1/servers/" + server + "/client-authentication")
          .then()
          .statusCode(200);
    }
  }

  @AfterAll
  static void stop() {
    second.close();
    first.close();
    primary.close();
  }

  @BeforeEach
  void use() {
    Application.shared();
  }

  @Test
  void noHandshakeFailsInAnyPhaseAndTheOldGenerationIsGoneAtTheEnd() {
    String before = bundle(authority);
    List<String> fingerprints = fingerprints();
    try (ReconnectingClients clients = new ReconnectingClients(before, primary, first, second)) {
      String job = rotate();
      awaitWaiting(job, "CONFIRM_TRUST");
      assertThat(fingerprints()).isEqualTo(fingerprints);
      String both = bundle(authority);
      assertThat(both).contains(before.strip());
      assertThat(both.split("BEGIN CERTIFICATE")).hasSize(3);
      reconnectStreams();
      clients.trust(both);
      proceed(job);

      awaitWaiting(job, "CONFIRM_SERVED");
      assertThat(fingerprints()).doesNotContainAnyElementsOf(fingerprints);
      reconnectStreams();
      proceed(job);

      Managed.await(job).body("state", equalTo("SUCCEEDED"));
      String after = bundle(authority);
      assertThat(after.split("BEGIN CERTIFICATE")).hasSize(2);
      assertThat(after).isNotEqualTo(before);
      clients.trust(after);
      reconnectStreams();
      long successes = clients.successes();
      Awaitility.await().until(() -> clients.successes() > successes + 30);
      assertThat(clients.failures()).isEmpty();
    }
    for (PostgresServer server : List.of(primary, first, second)) {
      assertThat(generationsOf(server)).hasSize(1);
    }
  }

  @Test
  void cancelledWhileBothAreTrustedItGoesBackToTheOldOneAlone() {
    String before = bundle(authority);
    List<String> fingerprints = fingerprints();
    String job = rotate();
    awaitWaiting(job, "CONFIRM_TRUST");

    cancel(job);

    assertThat(bundle(authority)).isEqualTo(before);
    assertThat(fingerprints()).isEqualTo(fingerprints);
    assertThat(trustFile(first, "primary.crt")).isEqualTo(before);
    assertThat(trustFile(primary, "clients.crt")).isEqualTo(before);
    reconnectStreams();
  }

  @Test
  void cancelledAfterCertificatesWereIssuedAnewTheOldOnesAreServedAgain() {
    String before = bundle(authority);
    List<String> fingerprints = fingerprints();
    try (ReconnectingClients clients = new ReconnectingClients(before, primary, first, second)) {
      String job = rotate();
      awaitWaiting(job, "CONFIRM_TRUST");
      clients.trust(bundle(authority));
      proceed(job);
      awaitWaiting(job, "CONFIRM_SERVED");

      cancel(job);
      clients.trust(before);

      assertThat(fingerprints()).isEqualTo(fingerprints);
      assertThat(bundle(authority)).isEqualTo(before);
      assertThat(trustFile(second, "primary.crt")).isEqualTo(before);
      reconnectStreams();
      long successes = clients.successes();
      Awaitility.await().until(() -> clients.successes() > successes + 30);
      assertThat(clients.failures()).isEmpty();
    }
  }

  @Test
  void aFailureWhileBothAreBeingTrustedBringsAllOfItBack() {
    failsIn(
        "TRUST_BOTH_FOR_CLIENTS",
        () -> {
          breakRules(second);
          return rotate();
        });
  }

  @Test
  void aFailureWhileCertificatesAreIssuedAnewBringsAllOfItBack() {
    failsIn(
        "REISSUE_CERTIFICATE",
        () -> {
          String job = rotate();
          awaitWaiting(job, "CONFIRM_TRUST");
          breakRules(second);
          proceed(job);
          return job;
        });
  }

  @Test
  void aFailureWhileTheOldOneIsWithdrawnBringsAllOfItBack() {
    failsIn(
        "TRUST_NEW_FOR_CLIENTS",
        () -> {
          String job = rotate();
          awaitWaiting(job, "CONFIRM_TRUST");
          proceed(job);
          awaitWaiting(job, "CONFIRM_SERVED");
          breakRules(second);
          proceed(job);
          return job;
        });
  }

  @Test
  void aRevocationReachesTheServersWhileTheRotationWaitsAndNothingNewComesToDependOnIt()
      throws IOException {
    ClientCertificates.Client client = ClientCertificates.issue(authority, "app");
    String job = rotate();
    awaitWaiting(job, "CONFIRM_TRUST");

    Managed.await(
            given()
                .urlEncodingEnabled(false)
                .post("/v1/certificates/" + client.id() + ":revoke")
                .then()
                .statusCode(202)
                .extract()
                .path("job.id"))
        .body("state", equalTo("SUCCEEDED"));
    RevocationIT.assertRevoked(client, first);
    given()
        .body(Map.of("authority", authority))
        .put("/v1/servers/" + servers[0] + "/client-authentication")
        .then()
        .statusCode(409);
    given()
        .body(Map.of("name", authority + "-late", "kind", "INTERMEDIATE", "parent", authority))
        .post("/v1/authorities")
        .then()
        .statusCode(409);

    cancel(job);
    RevocationIT.assertRevoked(client, first);
    reconnectStreams();
  }

  @Test
  void anIntermediateIsRotatedBelowTheSameRootAndClientsNeedNoNewBundle() {
    String root = Managed.authority();
    String intermediate = root + "-issuing";
    given()
        .body(Map.of("name", root + "-pending", "kind", "PENDING"))
        .post("/v1/authorities")
        .then()
        .statusCode(201);
    given()
        .body(Map.of("name", intermediate, "kind", "INTERMEDIATE", "parent", root))
        .post("/v1/authorities")
        .then()
        .statusCode(201);
    try (PostgresServer postgres = PostgresServer.start(14)) {
      String server = Managed.register(postgres);
      given()
          .body(Map.of("source", "AUTHORITY", "authority", intermediate))
          .post("/v1/servers/" + server + "/certificates")
          .then()
          .statusCode(201);
      Managed.ssl(server, true).statusCode(200);
      String before = RenewalIT.served(server);
      try (ReconnectingClients clients = new ReconnectingClients(bundle(root), postgres)) {
        Managed.await(rotate(intermediate, false, server)).body("state", equalTo("SUCCEEDED"));
        long successes = clients.successes();
        Awaitility.await().until(() -> clients.successes() > successes + 10);
        assertThat(clients.failures()).isEmpty();
      }
      assertThat(RenewalIT.served(server)).isNotEqualTo(before);
      assertThat(bundle(intermediate)).isEqualTo(bundle(root));
      given()
          .get("/v1/servers/" + server + "/renewal")
          .then()
          .body("served.issuer", equalTo("CN=" + intermediate + " CA G2"));
    }
  }

  @Test
  void whatWasHandedOutIsNamedAndKeptUntilSomebodyTakesTheResponsibility() {
    String handsOut = Managed.authority();
    given()
        .body(Map.of("authority", handsOut, "endpoints", List.of("elsewhere.example")))
        .post("/v1/certificates")
        .then()
        .statusCode(201);
    String before = bundle(handsOut);
    String job = rotate(handsOut, false);
    awaitWaiting(job, "CHECK_NOTHING_LEFT");
    given()
        .get("/v1/jobs/" + job)
        .then()
        .body(
            "steps.find { it.state == 'RUNNING' }.observed.certificatesLeft",
            contains(startsWith("CN=elsewhere.example serial ")));
    assertThat(bundle(handsOut)).contains(before.strip());

    proceed(job);

    Managed.await(job).body("state", equalTo("SUCCEEDED"));
    assertThat(bundle(handsOut)).doesNotContain(before.strip());
  }

  /**
   * @param rotation makes the second standby fail at some time, and answers the job
   */
  private static void failsIn(String step, Supplier<String> rotation) {
    String before = bundle(authority);
    List<String> fingerprints = fingerprints();
    String rules = second.hba();
    try {
      Managed.await(rotation.get())
          .body("state", equalTo("ROLLED_BACK"))
          .body("steps.findAll { it.problem != null }.kind", contains(step));
    } finally {
      second.writeHba(rules);
    }
    assertThat(bundle(authority)).isEqualTo(before);
    assertThat(fingerprints()).isEqualTo(fingerprints);
    assertThat(trustFile(primary, "clients.crt")).isEqualTo(before);
    assertThat(trustFile(first, "primary.crt")).isEqualTo(before);
    reconnectStreams();
  }

  private static void breakRules(PostgresServer server) {
    server.writeHba(server.hba() + "somebody is editing this file\n");
  }

  private static String rotate() {
    return rotate(authority, true);
  }

  private static String rotate(String authority, boolean pause, String... more) {
    return given()
        .urlEncodingEnabled(false)
        .body(Map.of("pause", pause, "ignore", serversOfOtherTests(more)))
        .post("/v1/authorities/" + authority + ":rotate")
        .then()
        .statusCode(202)
        .extract()
        .path("id");
  }

  /** They may be gone; whether one is a standby of ours could not be seen then. */
  private static List<String> serversOfOtherTests(String... more) {
    List<String> others =
        given()
            .queryParam("pageSize", 500)
            .get("/v1/servers")
            .then()
            .extract()
            .path("servers.name");
    return others.stream()
        .filter(name -> !List.of(servers).contains(name) && !List.of(more).contains(name))
        .toList();
  }

  private static void awaitWaiting(String job, String kind) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                given()
                    .get("/v1/jobs/" + job)
                    .then()
                    .body("state", equalTo("AWAITING_APPROVAL"))
                    .body("steps.find { it.state == 'RUNNING' }.kind", equalTo(kind)));
  }

  private static void proceed(String job) {
    given().urlEncodingEnabled(false).post("/v1/jobs/" + job + ":continue").then().statusCode(200);
  }

  private static void cancel(String job) {
    given().urlEncodingEnabled(false).post("/v1/jobs/" + job + ":cancel").then().statusCode(200);
    Managed.await(job).body("state", equalTo("CANCELLED"));
  }

  private static List<String> fingerprints() {
    return Arrays.stream(servers).map(RenewalIT::served).toList();
  }

  /** Ends both streams; they come back with verify-full, so the standbys trust what is served. */
  private static void reconnectStreams() {
    String since = primary.query("select clock_timestamp()");
    primary.execute("select pg_terminate_backend(pid) from pg_stat_replication");
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                primary.query(
                    "select count(*) from pg_stat_replication join pg_stat_ssl using (pid)"
                        + " where ssl and state = 'streaming' and backend_start > '"
                        + since
                        + "'"),
            "2"::equals);
    assertThat(first.query("show primary_conninfo")).contains("verify-full");
  }

  private static String trustFile(PostgresServer server, String name) {
    try {
      return Files.readString(server.dataDirectory().resolve("pgseal/trust").resolve(name));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String[] generationsOf(PostgresServer server) {
    return server.dataDirectory().resolve("pgseal/certificates").toFile().list();
  }
}
