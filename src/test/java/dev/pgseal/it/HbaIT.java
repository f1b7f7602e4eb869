package dev.pgseal.it;

import static dev.pgseal.it.Managed.etag;
import static dev.pgseal.it.Managed.installSelfSigned;
import static dev.pgseal.it.Managed.putHba;
import static dev.pgseal.it.Managed.register;
import static dev.pgseal.it.Managed.ssl;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.startsWith;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reading and changing pg_hba.conf over HTTP. */
class HbaIT {

  private static final String RULES =
      """
      # kept as it is
      local all all scram-sha-256
      host all all 127.0.0.1/32 scram-sha-256 # everybody
      host "two words", b /32names 10.0.0.0 255.0.0.0 md5
      host replication replicator all scram-sha-256
      """;

  @RegisterExtension static final SharedPostgres POSTGRES = new SharedPostgres();

  private PostgresServer postgres;
  private String server;
  private String hba;

  @BeforeEach
  void start() {
    Application.shared();
    postgres = POSTGRES.latest();
    postgres.execute("ALTER SYSTEM RESET ALL");
    postgres.writeHba(RULES);
    postgres.reload();
    server = register(postgres);
    hba = "/v1/servers/" + server + "/hba";
  }

  @Test
  void theRulesAreReadWithTheirPlacesAndTheRawFileAsItIs() {
    given()
        .get(hba)
        .then()
        .statusCode(200)
        .header("ETag", startsWith("\""))
        .body("path", equalTo(postgres.hbaFile().toString()))
        .body("rules.line", equalTo(List.of(2, 3, 4, 5)))
        .body("rules[1].comment", containsString("everybody"))
        .body("rules[2].databases[0].text", equalTo("two words"))
        .body("rules[2].databases[0].quoted", equalTo(true))
        .body("rules[2].netmask", equalTo("255.0.0.0"));
    String raw = given().accept("text/plain").get(hba).then().statusCode(200).extract().asString();
    assertThat(raw).isEqualTo(RULES);
  }

  @Test
  void aChangeMustSayWhichVersionItRead() {
    given()
        .contentType("text/plain")
        .body(RULES)
        .put(hba)
        .then()
        .statusCode(428)
        .body("type", equalTo("/problems/precondition-required"));
    given()
        .contentType("text/plain")
        .header("If-Match", "\"0000\"")
        .body(RULES)
        .put(hba)
        .then()
        .statusCode(412)
        .body("type", equalTo("/problems/precondition-failed"));
    assertThat(postgres.hba()).isEqualTo(RULES);
  }

  @Test
  void aTextThatPostgresqlWouldRefuseIsNotLeftOnDisk() {
    putHba(server, RULES + "host all all 127.0.0.1 trust\n")
        .statusCode(422)
        .body("type", equalTo("/problems/hba-invalid"))
        .body("line", equalTo(6))
        .body("detail", containsString("invalid IP mask"));
    // only this server knows that it was built without GSSAPI
    putHba(server, RULES + "host all all 10.1.0.0/16 gss\n")
        .statusCode(422)
        .body("type", equalTo("/problems/hba-invalid"))
        .body("line", equalTo(7));
    putHba(server, "").statusCode(422);
    assertThat(postgres.hba()).isEqualTo(RULES);
  }

  @Test
  void rulesThatRefusePgsealItselfAreNotWritten() {
    putHba(server, "host all all 10.0.0.0/8 scram-sha-256\n")
        .statusCode(409)
        .body("type", equalTo("/problems/lockout-risk"))
        .body("detail", containsString("pgseal's own login"));
    assertThat(postgres.hba()).isEqualTo(RULES);
  }

  @Test
  void aWholeFileIsReplacedAndProvedByItsSentinel() {
    putHba(server, RULES + "host shop app 10.2.0.0/16 scram-sha-256\n")
        .statusCode(200)
        .body("generation", equalTo(1))
        .body("rules[0].origin", equalTo("PGSEAL"))
        .body("rules.text", hasItem("host shop app 10.2.0.0/16 scram-sha-256"));
    assertThat(postgres.hba().lines().filter(l -> !l.contains("pgseal_gen_")))
        .containsExactlyElementsOf(
            (RULES + "host shop app 10.2.0.0/16 scram-sha-256\n").lines().toList());
  }

  @Test
  void oneRuleIsInsertedChangedAndRemovedAndTheOthersKeepTheirBytes() {
    String id = given().get(hba).then().extract().path("rules[2].id");
    given()
        .header("If-Match", etag(server))
        .body(Map.of("rule", "hostssl shop app 10.9.0.0/16 scram-sha-256", "before", id))
        .post(hba + "/rules")
        .then()
        .statusCode(200);
    String inserted =
        given().get(hba).then().extract().path("rules.find { it.text.contains('10.9') }.id");
    given()
        .header("If-Match", etag(server))
        .body(Map.of("rule", "hostssl shop app 10.8.0.0/16 scram-sha-256"))
        .put(hba + "/rules/" + inserted)
        .then()
        .statusCode(200);
    assertThat(postgres.hba()).contains("10.8.0.0/16").doesNotContain("10.9");
    String changed =
        given().get(hba).then().extract().path("rules.find { it.text.contains('10.8') }.id");
    given()
        .header("If-Match", etag(server))
        .delete(hba + "/rules/" + changed)
        .then()
        .statusCode(200);
    assertThat(postgres.hba().lines().filter(l -> !l.contains("pgseal_gen_")))
        .containsExactlyElementsOf(RULES.lines().toList());
  }

  @Test
  void aRuleTextThatIsNoSingleRuleIsRefused() {
    for (String text : List.of("host all", "host all all all md5\nhost all all all md5", "# x")) {
      given()
          .header("If-Match", etag(server))
          .body(Map.of("rule", text))
          .post(hba + "/rules")
          .then()
          .statusCode(422)
          .body("type", equalTo("/problems/hba-invalid"));
    }
    given()
        .header("If-Match", etag(server))
        .delete(hba + "/rules/no-such-rule")
        .then()
        .statusCode(404);
    assertThat(postgres.hba()).isEqualTo(RULES);
  }

  @Test
  void aConversionIsShownBeforeItIsDoneAndNeedsTlsToBeServed() {
    given()
        .urlEncodingEnabled(false)
        .body(Map.of("direction", "ENFORCE", "validateOnly", true))
        .post(hba + ":convert")
        .then()
        .statusCode(200)
        .body("applied", equalTo(false))
        .body("diff", containsString("+hostssl all all 127.0.0.1/32 scram-sha-256 # everybody"))
        .body("stillAdmitting.size()", equalTo(0));
    Managed.convert(server, "ENFORCE")
        .statusCode(409)
        .body("type", equalTo("/problems/lockout-risk"));
    assertThat(postgres.hba()).isEqualTo(RULES);
  }

  @ParameterizedTest
  @CsvSource({
    "DROP, ENFORCE, REWRITE, COMMENT_OUT",
    "KEEP, ENFORCE, REWRITE, REMOVE",
    "DROP, KEEP, REWRITE, REMOVE",
    "KEEP, KEEP, GUARD, COMMENT_OUT",
  })
  void aConversionProvesItselfAndGoesBackButForLinesThatWereEditedByHand(
      String gss, String loopback, String strategy, String hostnossl) throws SQLException {
    String rules = "hostnossl old old 127.0.0.1/32 md5\n" + RULES;
    postgres.writeHba(rules);
    postgres.reload();
    installSelfSigned(server);
    ssl(server, true).statusCode(200);
    boolean spared = loopback.equals("KEEP");
    Map<String, Object> body =
        Map.of(
            "direction", "ENFORCE",
            "gss", gss,
            "loopback", loopback,
            "strategy", strategy,
            "hostnossl", hostnossl);
    try (Connection client =
        postgres.connect(PostgresServer.SUPERUSER, PostgresServer.PASSWORD, "disable")) {
      assertThat(client.isValid(5)).isTrue();
      for (boolean validateOnly : new boolean[] {true, false}) {
        Map<String, Object> request = new HashMap<>(body);
        request.put("validateOnly", validateOnly);
        given()
            .urlEncodingEnabled(false)
            .body(request)
            .post(hba + ":convert")
            .then()
            .statusCode(200)
            .body("applied", equalTo(!validateOnly))
            .body("options.hostnossl", equalTo(hostnossl))
            .body("proof.verdict", equalTo("ENFORCED"))
            .body("proof.exceptions", equalTo(spared ? List.of("LOOPBACK") : List.of()))
            .body("proof.physicalReplication", equalTo(spared ? "EXCEPTED" : "REFUSED"))
            .body("effect.sessions", equalTo(1))
            .body("effect.refused.size()", equalTo(spared ? 0 : 1))
            .body("wouldBeRefused.size()", equalTo(spared ? 0 : 1));
      }
    }
    given()
        .get("/v1/servers/" + server + "/ssl")
        .then()
        .body("mode", equalTo("ENFORCED"))
        .body("enforced.exceptions", equalTo(spared ? List.of("LOOPBACK") : List.of()))
        .body("enforced.plaintextLogin.outcome", equalTo(spared ? "EXCEPTED" : "REFUSED"));

    postgres.writeHba(
        postgres.hba().replaceFirst("(?m)$", "\n# mine") + "host added added 10.7.0.0/16 reject\n");
    postgres.reload();
    Managed.convert(server, "RELAX").statusCode(200).body("conflicts.size()", equalTo(0));
    assertThat(postgres.hba().lines().filter(l -> !l.equals("# mine")))
        .containsExactlyElementsOf(
            (rules + "host added added 10.7.0.0/16 reject\n").lines().toList());
  }

  @Test
  void aConvertedLineThatWasEditedByHandKeepsTheHandsText() {
    installSelfSigned(server);
    ssl(server, true).statusCode(200);
    Managed.convert(server, "ENFORCE").statusCode(200).body("conflicts.size()", equalTo(0));
    postgres.writeHba(postgres.hba().replace("10.0.0.0 255.0.0.0 md5", "10.1.0.0 255.255.0.0 md5"));
    postgres.reload();

    Managed.convert(server, "RELAX")
        .statusCode(200)
        .body("conflicts.size()", equalTo(1))
        .body("conflicts[0].was", containsString("10.0.0.0 255.0.0.0 md5"))
        .body("conflicts[0].became", startsWith("hostssl"))
        .body("proof.verdict", equalTo("NOT_ENFORCED"))
        .body("proof.witnesses.size()", equalTo(2));

    assertThat(postgres.hba())
        .isEqualTo(
            RULES.replace(
                "host \"two words\", b /32names 10.0.0.0 255.0.0.0",
                "hostssl \"two words\", b /32names 10.1.0.0 255.255.0.0"));
  }

  @Test
  void theDecidingRuleIsNamed() {
    given()
        .urlEncodingEnabled(false)
        .body(Map.of("database", "b", "username", "/32names", "clientAddress", "10.3.4.5"))
        .post(hba + ":evaluate")
        .then()
        .statusCode(200)
        .body("decision", equalTo("DECIDED"))
        .body("rule.line", equalTo(4));
    given()
        .urlEncodingEnabled(false)
        .body(Map.of("database", "b", "username", "u", "clientAddress", "192.0.2.1"))
        .post(hba + ":evaluate")
        .then()
        .statusCode(200)
        .body("decision", equalTo("NO_MATCH"))
        .body("admitted", equalTo(false));
    given()
        .urlEncodingEnabled(false)
        .body(Map.of("database", "b", "username", "u", "clientAddress", "example.com"))
        .post(hba + ":evaluate")
        .then()
        .statusCode(400);
  }

  @Test
  void anAddressOverAUnixSocketAndNoneOverTcpAreRefused() {
    for (Map<String, String> contradiction :
        List.of(
            Map.of("database", "b", "username", "u", "transport", "TLS"),
            Map.of(
                "database", "b", "username", "u", "transport", "LOCAL", "clientAddress", "::1"))) {
      given()
          .urlEncodingEnabled(false)
          .body(contradiction)
          .post(hba + ":evaluate")
          .then()
          .statusCode(400)
          .body("type", equalTo("/problems/validation-failed"))
          .body("field", equalTo("transport"));
    }
  }
}
