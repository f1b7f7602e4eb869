package dev.pgseal.it;

import static dev.pgseal.it.Managed.etag;
import static dev.pgseal.it.Managed.register;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Rules in included files, and the versions of all of them, over HTTP. */
class HbaTreeIT {

  private static final String MAIN = "include apps.conf\n" + PostgresServer.DEFAULT_HBA;
  private static final String APPS =
      """
      # of the applications
      host    shop    app     10.1.0.0/16     scram-sha-256
      host    crm     app     10.2.0.0/16     radius radiusservers=10.0.0.1 radiussecrets=hush
      """;

  @RegisterExtension static final SharedPostgres POSTGRES = new SharedPostgres();

  private PostgresServer postgres;
  private Path apps;
  private String server;
  private String hba;

  @BeforeEach
  void start() throws IOException {
    Application.shared();
    postgres = POSTGRES.on(PostgresMajors.LATEST);
    apps = postgres.dataDirectory().resolve("apps.conf");
    Files.writeString(apps, APPS);
    postgres.writeHba(MAIN);
    postgres.reload();
    server = register(postgres);
    hba = "/v1/servers/" + server + "/hba";
  }

  @AfterEach
  void asBefore() {
    postgres.writeHba(PostgresServer.DEFAULT_HBA);
    postgres.reload();
  }

  @Test
  void aRuleOfAnIncludedFileIsEditedWhereItLies() throws IOException {
    changing()
        .body(Map.of("rule", "host wiki app 10.3.0.0/16 md5", "after", id("10.2.0.0")))
        .post(hba + "/rules")
        .then()
        .statusCode(200);
    assertThat(Files.readString(apps))
        .isEqualTo(APPS + "host    wiki    app     10.3.0.0/16     md5\n");

    changing()
        .body(Map.of("before", id("10.1.0.0")))
        .post(hba + "/rules/" + id("10.3.0.0") + ":move")
        .then()
        .statusCode(200);
    changing()
        .body(Map.of("reason", "gone"))
        .post(hba + "/rules/" + id("10.1.0.0") + ":disable")
        .then()
        .statusCode(200)
        .body("rules.text", not(hasItem(containsString("10.1.0.0"))));
    assertThat(Files.readString(apps).lines())
        .containsExactly(
            "# of the applications",
            "host    wiki    app     10.3.0.0/16     md5",
            "# gone: host    shop    app     10.1.0.0/16     scram-sha-256",
            APPS.lines().toList().get(2));

    // into another file
    changing()
        .body(Map.of("after", id("127.0.0.1")))
        .post(hba + "/rules/" + id("10.3.0.0") + ":move")
        .then()
        .statusCode(200);
    assertThat(postgres.hba()).contains("host    wiki    app     10.3.0.0/16     md5\n");
    assertThat(Files.readString(apps)).doesNotContain("10.3.0.0");
  }

  @Test
  void aChangeMustSayWhichVersionOfAllFilesItRead() throws IOException {
    String before = etag(server);
    String rule = hba + "/rules/" + id("10.1.0.0");
    given().get(hba).then().statusCode(200);
    given().header("If-None-Match", before).get(hba).then().statusCode(304);
    given().urlEncodingEnabled(false).post(rule + ":disable").then().statusCode(428);
    Files.writeString(apps, APPS + "# by hand\n");

    given().header("If-None-Match", before).get(hba).then().statusCode(200);
    given()
        .urlEncodingEnabled(false)
        .header("If-Match", before)
        .body(Map.of("before", id("10.2.0.0")))
        .post(rule + ":move")
        .then()
        .statusCode(412);
    changing()
        .body(Map.of())
        .post(rule + ":move")
        .then()
        .statusCode(400)
        .body("field", equalTo("before"));
    assertThat(Files.readString(apps)).isEqualTo(APPS + "# by hand\n");
  }

  @Test
  void everyVersionIsKeptAndComesBack() throws IOException {
    given().get(hba).then().statusCode(200);
    changing().delete(hba + "/rules/" + id("10.1.0.0")).then().statusCode(200);
    Files.writeString(apps, Files.readString(apps) + "host x x 10.9.0.0/16 reject\n");
    given().get(hba).then().statusCode(200);

    revisions()
        .body("revisions.revision", equalTo(List.of(3, 2, 1)))
        .body("revisions.kind", equalTo(List.of("FOUND", "CHANGED", "FOUND")))
        .body("revisions.origin", equalTo(List.of("FOUND", "PGSEAL", "FOUND")))
        .body("revisions[0].files", equalTo(List.of(apps.toString())))
        .body("revisions[1].summary", equalTo("removed a rule"));
    given()
        .get(hba + "/revisions/2")
        .then()
        .statusCode(200)
        .body("diff", containsString("-host    shop    app     10.1.0.0/16"))
        .body("diff", containsString("radiussecrets=********"))
        .body("diff", not(containsString("hush")));
    given().get(hba + "/revisions/9").then().statusCode(404);

    given()
        .urlEncodingEnabled(false)
        .body(Map.of("validateOnly", true))
        .post(hba + "/revisions/1:restore")
        .then()
        .statusCode(200)
        .body("applied", equalTo(false))
        .body("diff", containsString("-host x x 10.9.0.0/16 reject"));
    given().urlEncodingEnabled(false).post(hba + "/revisions/1:restore").then().statusCode(428);
    changing()
        .post(hba + "/revisions/1:restore")
        .then()
        .statusCode(200)
        .body("revision.revision", equalTo(4))
        .body("revision.restored", equalTo(1));
    assertThat(Files.readString(apps)).isEqualTo(APPS);
    assertThat(postgres.hba().lines().filter(line -> !line.contains("pgseal_gen_")))
        .containsExactlyElementsOf(MAIN.lines().toList());
  }

  @Test
  void aVersionWithAFileThatIsGoneDoesNotComeBack() throws IOException {
    given().get(hba).then().statusCode(200);
    postgres.writeHba(PostgresServer.DEFAULT_HBA);
    Files.delete(apps);

    changing()
        .post(hba + "/revisions/1:restore")
        .then()
        .statusCode(409)
        .body("type", endsWith("hba-not-editable"))
        .body("file", equalTo(apps.toString()));
    assertThat(postgres.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);
  }

  private RequestSpecification changing() {
    // a colon in a path stays one
    return given().urlEncodingEnabled(false).header("If-Match", etag(server));
  }

  private ValidatableResponse revisions() {
    return given().get(hba + "/revisions").then().statusCode(200);
  }

  private String id(String part) {
    return given()
        .get(hba)
        .then()
        .extract()
        .path("rules.find { it.text.contains('" + part + "') }.id");
  }
}
