package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgseal.contract.Contract;
import dev.pgseal.contract.ContractOperation;
import dev.pgseal.testing.PostgresServer;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Each example of a request is sent, with other names and ids where those of the example cannot be
 * had; every answer is held against the document by {@code ContractFilter}.
 */
class ExamplesIT {

  private static final int ACCEPTED = 202;

  private final Contract contract = Contract.committed();
  private final String suffix = UUID.randomUUID().toString().substring(0, 8);
  private final String server = "orders-db-" + suffix;
  private final String authority = "corp-" + suffix;
  private final Set<String> sent = new TreeSet<>();

  @Test
  void everyExampleOfARequestIsTakenAsItStands() {
    // a rotation asks every server that is registered, and other tests leave some that are gone
    try (Application application = Application.start();
        PostgresServer postgres =
            PostgresServer.builder(17).authenticationTimeout(Duration.ofSeconds(2)).start()) {
      RestAssured.requestSpecification = application.replica().admin();
      registered(postgres);
      texts();
      rules();
      tls();
      clientCertificates();
      lifecycle();
    }

    assertThat(sent)
        .isEqualTo(
            contract.operations().stream()
                .filter(operation -> !operation.requestTypes().isEmpty())
                .map(ContractOperation::id)
                .collect(Collectors.toSet()));
  }

  private void registered(PostgresServer postgres) {
    send(
        "registerServer",
        201,
        body -> body.put("port", postgres.port()).put("password", PostgresServer.PASSWORD));
    send("createAuthority", 201);
    send("changeServer", 200);
    send("createToken", 201, body -> body.put("name", "portal-" + suffix));
    send("terminateConnections", 200);
    send("createWebhook", 201);
  }

  private void texts() {
    send("parseHbaText", 200);
    send("lintHbaText", 200);
    send("proveHbaText", 200);
    send("evaluateHbaText", 200);
    send("convertHbaText", 200);
  }

  private void rules() {
    send("evaluateHba", 200);
    send("convertHba", 200);
    String first = hba().path("rules[0].id");
    Response inserted = send("insertRule", 200, body -> body.put("before", first));
    String rule = inserted.path("rules.find { it.text.contains('10.9.0.0/16') }.id");
    exchange("changeRule", 200, "{ruleId}", rule, body -> {});
    String moved = hba().path("rules.find { it.text.contains('10.8.0.0/16') }.id");
    String last = hba().path("rules[-1].id");
    exchange("moveRule", 200, "{ruleId}", moved, body -> body.put("before", last));
    exchange("disableRule", 200, "{ruleId}", moved, body -> {});
    exchange("restoreHbaRevision", 200, "{revision}", "1", body -> {});
    send("replaceHba", 200);
    send("replaceIdent", 200);
    Response entries = send("insertIdentEntry", 200);
    exchange("changeIdentEntry", 200, "{entryId}", entries.path("entries[0].id"), body -> {});
  }

  private void tls() {
    send("installCertificate", 201);
    send("setSsl", 200);
    send("planRollout", 200);
    ended(send("createRollout", ACCEPTED));
    send("setRenewal", 200);
  }

  private void clientCertificates() {
    send("setClientAuthentication", 200);
    String issued = send("issueCertificate", 201).path("certificate.id");
    Response revoked = exchange("revokeCertificate", ACCEPTED, "{certificate}", issued, body -> {});
    Managed.await(revoked.path("job.id"));
  }

  private void lifecycle() {
    ended(send("rotateAuthority", ACCEPTED, body -> body.put("pause", false)));
    given()
        .body("{\"name\": \"issuing-%s\", \"kind\": \"PENDING\"}".formatted(suffix))
        .post("/v1/authorities")
        .then()
        .statusCode(201);
    // the chain of the example was signed for another key
    sent.add("completeAuthority");
    given()
        .urlEncodingEnabled(false)
        .body(contract.operation("completeAuthority").requestExample().orElseThrow().toString())
        .post("/v1/authorities/issuing-" + suffix + ":complete")
        .then()
        .statusCode(422);
  }

  private static void ended(Response accepted) {
    assertThat(Managed.await(accepted.path("id")).extract().<String>path("state"))
        .isEqualTo("SUCCEEDED");
  }

  private Response hba() {
    return given().get("/v1/servers/" + server + "/hba");
  }

  private Response send(String operation, int status) {
    return send(operation, status, body -> {});
  }

  private Response send(String operation, int status, Consumer<ObjectNode> adapt) {
    return exchange(operation, status, "", "", adapt);
  }

  private Response exchange(
      String id, int status, String parameter, String value, Consumer<ObjectNode> adapt) {
    ContractOperation operation = contract.operation(id);
    JsonNode example = operation.requestExample().orElseThrow().deepCopy();
    if (example instanceof ObjectNode object) {
      adapt.accept(object);
    }
    String body =
        (example.isTextual() ? example.asText() : example.toString())
            .replace("\"orders-db\"", '"' + server + '"')
            .replace("\"corp\"", '"' + authority + '"');
    String path =
        operation
            .path()
            .replace("{server}", server)
            .replace("{authority}", authority)
            .replace(parameter.isEmpty() ? "{}" : parameter, value);
    var request =
        given()
            .urlEncodingEnabled(false)
            .contentType(operation.requestTypes().get(0))
            .body(body.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    if (operation.parameters().stream().anyMatch(p -> p.name().equals("If-Match"))
        && !id.equals("changeServer")) {
      String file = path.contains("/ident") ? "/ident" : "/hba";
      request.header("If-Match", given().get("/v1/servers/" + server + file).header("ETag"));
    }
    Response response = request.request(operation.method(), path);
    assertThat(response.statusCode()).as(id + ": " + response.asString()).isEqualTo(status);
    sent.add(id);
    return response;
  }
}
