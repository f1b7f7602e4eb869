package dev.pgseal.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples in the document against the schemas in the document. */
class ExamplesTest {

  private static final Contract CONTRACT = Contract.committed();

  static Stream<ContractOperation> operations() {
    return CONTRACT.operations().stream();
  }

  @ParameterizedTest
  @MethodSource("operations")
  void everyExampleFitsItsSchema(ContractOperation operation) {
    for (String type : operation.requestTypes()) {
      JsonNode content = operation.requestContent(type);
      if (type.endsWith("json") && content.has("example")) {
        assertThat(CONTRACT.faultsOfRequest(content.path("schema"), content.path("example")))
            .as("request of " + operation.id())
            .isEmpty();
      }
    }
    operation
        .node()
        .path("responses")
        .properties()
        .forEach(
            response ->
                response
                    .getValue()
                    .path("content")
                    .properties()
                    .forEach(
                        content ->
                            assertThat(faults(operation, response.getKey(), content.getKey()))
                                .as(response.getKey() + " of " + operation.id())
                                .isEmpty()));
  }

  private static List<String> faults(ContractOperation operation, String status, String type) {
    JsonNode example =
        operation.node().path("responses").path(status).path("content").path(type).path("example");
    if (example.isMissingNode()) {
      return List.of();
    }
    String body = example.isTextual() ? example.asText() : example.toString();
    if (type.equals("text/event-stream")) {
      body = "data:" + body;
    }
    return new Answer(Integer.parseInt(status), type, body).faults(CONTRACT, operation);
  }
}
