package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.blankOrNullString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.pgseal.testing.SharedPostgres;
import io.restassured.response.Response;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who has the present version does not get it again, and who has an old one does not change it. */
class ConditionalIT {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private static final String OBSERVED_AT = "\"observedAt\":\"[^\"]*\"";

  private Application application;

  @BeforeEach
  void start() {
    application = Application.shared();
  }

  @Test
  void whatHasNoVersionOfItsOwnIsTaggedByItsContent() {
    String authority = Managed.authority();
    String server = Managed.register(SERVERS.latest());
    for (String path :
        new String[] {
          "/v1/authorities/" + authority,
          "/v1/authorities/" + authority + "/certificate",
          "/v1/authorities/" + authority + "/bundle",
          "/v1/servers/" + server + "/ssl",
          "/v1/servers/" + server + "/renewal"
        }) {
      Response first = given().get(path);
      String tag =
          first.then().statusCode(200).header("ETag", startsWith("W/\"")).extract().header("ETag");

      unchanged(path, tag);
      unchanged(path, "\"another\", " + tag.substring(2));
      unchanged(path, "*");
      String again =
          given()
              .header("If-None-Match", "W/\"another\"")
              .get(path)
              .then()
              .statusCode(200)
              .extract()
              .asString();
      assertThat(again.replaceAll(OBSERVED_AT, ""))
          .isEqualTo(first.asString().replaceAll(OBSERVED_AT, ""));
      assertThat(first.contentType()).isEqualTo(given().get(path).contentType());
    }
  }

  @Test
  void aJobThatWentOnHasAnotherTag() {
    UUID job = UUID.randomUUID();
    application
        .controlDatabase()
        .execute(
            "insert into job (id, kind, state, request, requested_by)"
                + " values ('%s', 'by-hand', 'PENDING', '{}', 'ann')".formatted(job));
    String tag = given().get("/v1/jobs/" + job).header("ETag");
    unchanged("/v1/jobs/" + job, tag);

    given().urlEncodingEnabled(false).post("/v1/jobs/" + job + ":cancel").then().statusCode(200);

    given()
        .header("If-None-Match", tag)
        .get("/v1/jobs/" + job)
        .then()
        .statusCode(200)
        .contentType("application/json")
        .body("state", equalTo("CANCELLED"));
  }

  @Test
  void aServersTagIsItsRevisionAndSaysNothingOfAReport() {
    String path = "/v1/servers/" + Managed.register(SERVERS.latest());
    unchanged(path, "\"1\"");
    given().header("If-None-Match", "\"1\"").get(path + "?inspect=true").then().statusCode(200);

    given()
        .contentType("application/merge-patch+json")
        .body(Map.of("labels", Map.of("env", "test")))
        .patch(path)
        .then()
        .statusCode(200);

    given().header("If-None-Match", "\"1\"").get(path).then().statusCode(200);
    given().header("If-Match", "\"1\"").delete(path).then().statusCode(412);
  }

  @Test
  void aConditionThatNobodyCouldCheckIsNotTakenForTrue() {
    String path = "/v1/servers/" + Managed.register(SERVERS.latest()) + "/ssl";
    String tag = given().get(path).header("ETag");

    for (String condition : new String[] {tag, "\"1\""}) {
      given()
          .header("If-Match", condition)
          .body(Map.of("enabled", false))
          .put(path)
          .then()
          .statusCode(412)
          .body("type", equalTo("/problems/precondition-failed"));
    }
    given().header("If-Match", "*").body(Map.of("enabled", false)).put(path).then().statusCode(200);
  }

  @Test
  void listsHaveNone() {
    given().get("/v1/servers").then().statusCode(200).header("ETag", nullValue());
  }

  private static void unchanged(String path, String tag) {
    given()
        .header("If-None-Match", tag)
        .get(path)
        .then()
        .statusCode(304)
        .header("ETag", given().get(path).header("ETag"))
        .body(blankOrNullString());
  }
}
