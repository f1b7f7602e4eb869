package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem.HttpMethod;
import io.swagger.v3.parser.OpenAPIV3Parser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * Every operation of the served OpenAPI document, called by everybody, against {@code
 * access-matrix.csv}. The things that the requests name do not exist and their bodies are empty:
 * whoever is let in gets an error, but neither 401 nor 403.
 */
@TestInstance(Lifecycle.PER_CLASS)
class AccessMatrixIT {

  private static final String ANONYMOUS = "anonymous";
  private static final String NOBODY_HAS_IT = "made-up-by-the-access-matrix";

  private final Map<String, String> tokens = new HashMap<>();
  private OpenAPI api;
  private Table table;

  /**
   * @param callers the columns
   * @param rows by operation id: the callers who may
   */
  private record Table(List<String> callers, Map<String, Set<String>> rows) {

    static Table read() throws IOException {
      try (InputStream in = AccessMatrixIT.class.getResourceAsStream("/access-matrix.csv")) {
        List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        List<String> header = List.of(lines.get(0).split(","));
        Map<String, Set<String>> rows = new TreeMap<>();
        for (String line : lines.subList(1, lines.size())) {
          List<String> cells = List.of(line.split(","));
          Set<String> may = new TreeSet<>();
          for (int i = 1; i < header.size(); i++) {
            if (cells.get(i).equals("yes")) {
              may.add(header.get(i));
            } else {
              assertThat(cells.get(i)).isEqualTo("no");
            }
          }
          rows.put(cells.get(0), may);
        }
        return new Table(header.subList(1, header.size()), rows);
      }
    }
  }

  private record Call(HttpMethod method, String path, Operation operation) {}

  @BeforeAll
  void begin() throws IOException {
    Application.shared();
    table = Table.read();
    String served = given().accept("application/yaml").get("/q/openapi").asString();
    api = new OpenAPIV3Parser().readContents(served).getOpenAPI();
    for (String caller : table.callers()) {
      if (!caller.equals(ANONYMOUS)) {
        tokens.put(caller, TokenOf.role(caller.toUpperCase(Locale.ROOT)));
      }
    }
  }

  @Test
  void everyOperationLetsInWhomTheTableSaysAndNobodyElse() {
    Map<String, Set<String>> letIn = new TreeMap<>();
    List<String> wrongAnswers = new ArrayList<>();
    for (Call call : calls()) {
      Set<String> in = new TreeSet<>();
      for (String caller : table.callers()) {
        Response answer = send(call, caller);
        int refused = caller.equals(ANONYMOUS) ? 401 : 403;
        if (answer.statusCode() == refused) {
          if (!answer.contentType().startsWith("application/problem+json")) {
            wrongAnswers.add(
                call.operation().getOperationId() + " " + caller + ": " + answer.contentType());
          }
        } else if (answer.statusCode() == 401
            || answer.statusCode() == 403
            || answer.statusCode() >= 500) {
          wrongAnswers.add(
              call.operation().getOperationId() + " " + caller + ": " + answer.statusCode());
        } else {
          in.add(caller);
        }
      }
      letIn.put(call.operation().getOperationId(), in);
    }

    assertThat(wrongAnswers).isEmpty();
    assertThat(letIn).isEqualTo(table.rows());
  }

  @Test
  void theDescriptionTellsTheRoles() {
    for (Call call : calls()) {
      String id = call.operation().getOperationId();
      Object roles =
          call.operation().getExtensions() == null
              ? null
              : call.operation().getExtensions().get("x-roles");
      if (table.rows().get(id).contains(ANONYMOUS)) {
        assertThat(roles).as(id).isNull();
      } else {
        assertThat(((List<?>) roles).stream().map(String::valueOf))
            .as(id)
            .isNotEmpty()
            .isSubsetOf(table.rows().get(id));
        assertThat(call.operation().getResponses().get("403").getDescription())
            .as(id)
            .contains("role");
      }
    }
  }

  @Test
  void aRefusalNamesTheRole() {
    TokenOf.bearer(tokens.get("viewer"))
        .body(Map.of())
        .post("/v1/authorities")
        .then()
        .statusCode(403)
        .body("type", equalTo("/problems/forbidden"))
        .body("detail", containsString("admin"))
        .body("roles", equalTo(List.of("admin")))
        .body("hint", containsString("token"))
        .body("instance", equalTo("/v1/authorities"));
    TokenOf.bearer(tokens.get("viewer"))
        .urlEncodingEnabled(false)
        .post("/v1/jobs/" + UUID.randomUUID() + ":continue")
        .then()
        .statusCode(403)
        .body("roles", equalTo(List.of("operator", "approver")));
  }

  private List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    api.getPaths()
        .forEach(
            (path, item) ->
                item.readOperationsMap()
                    .forEach(
                        (method, operation) -> {
                          if (path.startsWith("/v1/")) {
                            calls.add(new Call(method, path, operation));
                          }
                        }));
    return calls;
  }

  private Response send(Call call, String caller) {
    String path =
        call.path()
            .replace("{job}", UUID.randomUUID().toString())
            .replace("{certificate}", UUID.randomUUID().toString())
            .replace("{pid}", "1")
            .replaceAll("\\{[A-Za-z]+}", NOBODY_HAS_IT);
    RequestSpecification request =
        caller.equals(ANONYMOUS) ? SecurityIT.anonymous() : TokenOf.bearer(tokens.get(caller));
    request.urlEncodingEnabled(false);
    if (call.operation().getRequestBody() != null) {
      String type = call.operation().getRequestBody().getContent().keySet().iterator().next();
      request.contentType(type).body(type.contains("json") ? "{}" : "");
    }
    return request.request(call.method().name(), path);
  }
}
