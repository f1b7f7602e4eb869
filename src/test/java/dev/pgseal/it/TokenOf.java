package dev.pgseal.it;

import static io.restassured.RestAssured.given;

import io.restassured.specification.RequestSpecification;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Makes tokens with the admin's and sends requests with them. */
final class TokenOf {

  private TokenOf() {}

  /** A new token's value. */
  static String role(String role) {
    return of(List.of(role), Map.of());
  }

  /** A new token's value. */
  static String of(List<String> roles, Map<String, String> serverLabels) {
    return given()
        .body(
            Map.of(
                "name",
                "token-" + UUID.randomUUID().toString().substring(0, 8),
                "roles",
                roles,
                "serverLabels",
                serverLabels))
        .post("/v1/tokens")
        .then()
        .statusCode(201)
        .extract()
        .path("token");
  }

  /** A JSON request with this token. */
  static RequestSpecification bearer(String token) {
    return SecurityIT.anonymous().header("Authorization", "Bearer " + token);
  }
}
