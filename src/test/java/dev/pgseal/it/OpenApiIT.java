package dev.pgseal.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.parser.OpenAPIV3Parser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The committed contract against the one that this build made. */
class OpenApiIT {

  private static final Path MADE = Path.of("target", "openapi", "openapi.yaml");
  private static final Path COMMITTED = Path.of("openapi", "openapi.yaml");

  @Test
  void theContractIsTheOneThatTheCodeGives() throws IOException {
    assertThat(Files.exists(COMMITTED) ? Files.readString(COMMITTED) : "")
        .as(
            "%s is not what the code gives. Read the difference as a client would, then: cp %s %s",
            COMMITTED, MADE, COMMITTED)
        .isEqualTo(Files.readString(MADE));
  }

  @Test
  void everyOperationIsDescribedWhole() throws IOException {
    OpenAPI api = new OpenAPIV3Parser().readContents(Files.readString(MADE)).getOpenAPI();
    List<String> gaps = new ArrayList<>();
    api.getPaths()
        .forEach(
            (path, item) ->
                item.readOperationsMap()
                    .forEach(
                        (method, operation) ->
                            gaps(operation).forEach(gap -> gaps.add(method + " " + path + gap))));

    assertThat(gaps).isEmpty();
  }

  private static List<String> gaps(Operation operation) {
    List<String> gaps = new ArrayList<>();
    if (operation.getOperationId() == null
        || operation.getSummary() == null
        || operation.getTags() == null) {
      gaps.add(": operationId, summary or tag");
    }
    if (!operation.getResponses().keySet().containsAll(List.of("400", "401", "500"))) {
      gaps.add(": problems");
    }
    operation
        .getResponses()
        .forEach(
            (status, response) -> {
              if (!hasNoBody(status) && !hasSchema(response.getContent())) {
                gaps.add(": schema of " + status);
              }
              // 2XX is the answer that is not the usual one
              if (status.matches("2[0-9]+")
                  && !hasNoBody(status)
                  && !hasExample(response.getContent())) {
                gaps.add(": example of " + status);
              }
            });
    if (operation.getRequestBody() != null
        && !hasExample(operation.getRequestBody().getContent())) {
      gaps.add(": example of the request");
    }
    for (Parameter parameter :
        Objects.requireNonNullElse(operation.getParameters(), List.<Parameter>of())) {
      if (parameter.getDescription() == null) {
        gaps.add(": description of " + parameter.getName());
      }
    }
    return gaps;
  }

  private static boolean hasNoBody(String status) {
    return status.equals("204") || status.equals("304");
  }

  private static boolean hasExample(Content content) {
    return content != null
        && content.values().stream()
            .anyMatch(type -> type.getExample() != null || type.getExamples() != null);
  }

  private static boolean hasSchema(Content content) {
    return content != null
        && !content.isEmpty()
        && content.values().stream().allMatch(type -> type.getSchema() != null);
  }
}
