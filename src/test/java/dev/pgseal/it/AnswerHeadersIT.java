package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;

import io.restassured.response.Response;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Security headers, caching, CORS and compression, of good answers and of errors. */
class AnswerHeadersIT {

  private Application application;

  @BeforeEach
  void start() {
    application = Application.shared();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/servers, 200",
    "GET, /v1/nothing, 404",
    "PUT, /v1/servers, 405",
    "GET, /problems, 200",
    "GET, /nothing, 404",
    "GET, /q/openapi, 200",
    "GET, /q/health/live, 200"
  })
  void everyAnswerTellsBrowsersToRunAndLoadNothing(String method, String path, int status) {
    strict(given().request(method, path), status);
  }

  @Test
  void whatIsRefusedEarlyHasTheHeadersToo() {
    strict(SecurityIT.anonymous().get("/v1/servers"), 401)
        .then()
        .header("Cache-Control", "no-store");
    strict(given().body("x".repeat(5_000_000)).post("/v1/servers"), 413)
        .then()
        .header("Cache-Control", "no-store");
  }

  private static Response strict(Response response, int status) {
    response
        .then()
        .statusCode(status)
        .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header("Permissions-Policy", containsString("geolocation=()"))
        .header("Cross-Origin-Resource-Policy", "same-origin");
    return response;
  }

  @Test
  void theApiIsNotStoredUnlessItSaysSo() {
    String bundle = "/v1/authorities/" + Managed.authority() + "/bundle";

    given().get("/v1/servers").then().header("Cache-Control", "no-store");
    given()
        .get(bundle)
        .then()
        .statusCode(200)
        .header("Cache-Control", containsString("max-age=60"));
    assertThat(given().get(bundle).headers().getList("Cache-Control")).hasSize(1);
  }

  @Test
  void swaggerUiMayRunItsOwnScriptsOnly() {
    given()
        .get("/q/swagger-ui/")
        .then()
        .statusCode(200)
        .header("Content-Security-Policy", containsString("connect-src 'self'"))
        .header("Content-Security-Policy", not(containsString("http")));
  }

  @ParameterizedTest
  @CsvSource({"GET, /v1/servers", "OPTIONS, /v1/servers", "OPTIONS, /v1/tokens", "GET, /q/openapi"})
  void noOtherSiteIsLetIn(String method, String path) {
    Response response =
        given()
            .header("Origin", "https://portal.example")
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "authorization")
            .request(method, path);

    assertThat(response.headers().asList())
        .noneMatch(header -> header.getName().toLowerCase().startsWith("access-control-"));
  }

  @Test
  void whatIsLongIsCompressedForWhoAsks() throws Exception {
    HttpResponse<byte[]> plain = send("GET", "/problems", "", "identity");
    HttpResponse<byte[]> packed = send("GET", "/problems", "", "gzip");

    assertThat(packed.headers().firstValue("Content-Encoding")).contains("gzip");
    assertThat(packed.body().length).isLessThan(plain.body().length / 2);
    assertThat(
            send("GET", "/v1/authorities?pageSize=500", "", "gzip")
                .headers()
                .firstValue("Content-Encoding"))
        .contains("gzip");
  }

  @Test
  void aSecretIsNot() throws Exception {
    String body = "{\"name\": \"token-%s\", \"roles\": [\"VIEWER\"]}".formatted(UUID.randomUUID());

    HttpResponse<byte[]> created = send("POST", "/v1/tokens", body, "gzip");

    assertThat(created.statusCode()).isEqualTo(201);
    assertThat(created.headers().firstValue("Content-Encoding").orElse("identity"))
        .isEqualTo("identity");
    assertThat(new String(created.body())).contains("pgs_");
  }

  private HttpResponse<byte[]> send(String method, String path, String body, String encoding)
      throws IOException, InterruptedException {
    URI uri = application.replica().baseUri().resolve(path);
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(uri)
                .header("Authorization", "Bearer " + application.token())
                .header("Content-Type", "application/json")
                .header("Accept-Encoding", encoding)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
  }
}
