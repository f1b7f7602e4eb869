package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists in pages: a page token is good for the list that gave it and says nothing. */
class PagesIT {

  private Application application;

  @BeforeEach
  void start() {
    application = Application.shared();
  }

  @Test
  void pagesThatFollowTheTokensAreTheWholeList() {
    List<String> names = List.of(token(), token(), token());

    List<String> seen = new ArrayList<>();
    String next = null;
    do {
      var page =
          given()
              .queryParams(next == null ? Map.of() : Map.of("pageToken", next))
              .queryParam("pageSize", 2)
              .get("/v1/tokens")
              .then()
              .statusCode(200)
              .extract();
      seen.addAll(page.path("tokens.name"));
      next = page.path("nextPageToken");
    } while (next != null);

    assertThat(seen).doesNotHaveDuplicates().containsAll(names);
  }

  @Test
  void aTokenShowsNothingAndWorksOnEveryReplica() {
    token();
    String name = given().get("/v1/tokens?pageSize=1").then().extract().path("tokens[0].name");
    String next = next("/v1/tokens?pageSize=1");

    assertThat(new String(Base64.getUrlDecoder().decode(next), StandardCharsets.ISO_8859_1))
        .doesNotContain(name);
    Application.Replica other = application.startReplica();
    given()
        .spec(other.admin())
        .queryParam("pageToken", next)
        .get("/v1/tokens")
        .then()
        .statusCode(200)
        .body("tokens.find { it.name == '" + name + "' }", equalTo(null));
    other.stop();
  }

  @Test
  void aTokenOfAnotherListOrFilterOrAForgedOneIsRefused() {
    jobs();
    String next = next("/v1/jobs?pageSize=1&state=PENDING");

    given().get("/v1/jobs?pageSize=2&state=PENDING&pageToken=" + next).then().statusCode(200);
    refused("/v1/jobs?pageToken=" + next);
    refused("/v1/jobs?state=FAILED&pageToken=" + next);
    refused("/v1/certificates?pageToken=" + next);
    refused("/v1/jobs?state=PENDING&pageToken=" + flipped(next));
    refused("/v1/jobs?state=PENDING&pageToken=" + next.substring(0, 10));
    refused(
        "/v1/jobs?state=PENDING&pageToken="
            + Base64.getUrlEncoder()
                .encodeToString(UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8)));
  }

  private static void refused(String path) {
    given()
        .get(path)
        .then()
        .statusCode(400)
        .body("parameter", equalTo("pageToken"))
        .body("hint", containsString("without pageToken"));
  }

  /** Another character in the middle, where all bits of it count. */
  private static String flipped(String token) {
    int middle = token.length() / 2;
    char other = token.charAt(middle) == 'A' ? 'B' : 'A';
    return token.substring(0, middle) + other + token.substring(middle + 1);
  }

  private static String next(String path) {
    String next = given().get(path).then().statusCode(200).extract().path("nextPageToken");
    assertThat(next).isNotNull();
    return next;
  }

  private static String token() {
    return given()
        .body(Map.of("name", "token-" + UUID.randomUUID(), "roles", List.of("VIEWER")))
        .post("/v1/tokens")
        .then()
        .statusCode(201)
        .extract()
        .path("name");
  }

  /** Rows that no replica runs. */
  private void jobs() {
    for (int i = 0; i < 2; i++) {
      application
          .controlDatabase()
          .execute(
              "insert into job (id, kind, state, request, requested_by)"
                  + " values ('%s', 'by-hand', 'PENDING', '{}', 'ann')"
                      .formatted(UUID.randomUUID()));
    }
  }
}
