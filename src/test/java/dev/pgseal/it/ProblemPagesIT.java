package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.startsWith;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The {@code type} of a problem leads to its explanation. */
class ProblemPagesIT {

  private static final String OF_A_BROWSER =
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8";

  @BeforeEach
  void start() {
    Application.shared();
  }

  @Test
  void theTypeOfAProblemLeadsToItsExplanationWithoutAToken() {
    String type =
        SecurityIT.anonymous().get("/v1/servers").then().statusCode(401).extract().path("type");

    SecurityIT.anonymous()
        .get(type)
        .then()
        .statusCode(200)
        .contentType("application/json")
        .body("type", equalTo("/problems/unauthenticated"))
        .body("status", equalTo(401))
        .body("cure", containsString("Authorization: Bearer"));
  }

  @Test
  void aBrowserGetsAPageAndWhoAsksForItMarkdown() {
    given()
        .accept(OF_A_BROWSER)
        .get("/problems/lockout-risk")
        .then()
        .statusCode(200)
        .contentType(startsWith("text/html"))
        .body(containsString("<strong>409: The change would lock somebody out.</strong>"));
    given()
        .accept("text/markdown")
        .get("/problems/lockout-risk")
        .then()
        .statusCode(200)
        .contentType(startsWith("text/markdown"))
        .body(startsWith("## lockout-risk"));
  }

  @Test
  void thereIsAListOfAll() {
    given()
        .get("/problems")
        .then()
        .statusCode(200)
        .body("problems.type", hasItem("/problems/idempotency-key-reused"));
    given().accept(OF_A_BROWSER).get("/problems").then().body(containsString("lockout-risk"));
  }

  @Test
  void aTypeThatIsNoneIsNotFound() {
    given()
        .get("/problems/%3Cscript%3E")
        .then()
        .statusCode(404)
        .body("type", equalTo("/problems/not-found"));
  }
}
