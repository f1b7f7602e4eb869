package dev.pgseal.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Content;

/**
 * Puts the examples that lie in {@code openapi-examples/<operationId>.request|response} into the
 * OpenAPI document. They are what a service really was sent and really answered.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class OperationExamples implements OASFilter {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public Operation filterOperation(Operation operation) {
    if (operation.getOperationId() == null) {
      return operation;
    }
    if (operation.getRequestBody() != null) {
      example(operation, "request")
          .ifPresent(example -> put(operation.getRequestBody().getContent(), example));
    }
    operation
        .getResponses()
        .getAPIResponses()
        .forEach(
            (status, response) -> {
              // 2XX is the answer that is not the usual one
              if (status.startsWith("2") && !status.endsWith("X")) {
                example(operation, "response")
                    .ifPresent(example -> put(response.getContent(), example));
              }
            });
    return operation;
  }

  private static void put(Content content, Object example) {
    if (content != null) {
      content.getMediaTypes().values().stream().findFirst().ifPresent(m -> m.setExample(example));
    }
  }

  /** A JSON value, or a text when it is none (PEM, pg_hba.conf). */
  private static Optional<Object> example(Operation operation, String side) {
    String name = "/openapi-examples/" + operation.getOperationId() + "." + side;
    try (InputStream in = OperationExamples.class.getResourceAsStream(name)) {
      if (in == null) {
        return Optional.empty();
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      try {
        return Optional.of(JSON.readValue(text, Object.class));
      } catch (JsonProcessingException e) {
        return Optional.of(text);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }
}
