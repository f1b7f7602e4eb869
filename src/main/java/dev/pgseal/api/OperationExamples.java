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

  private static void put(Content content, Example example) {
    if (content != null) {
      content.getMediaTypes().entrySet().stream()
          .findFirst()
          .ifPresent(type -> type.getValue().setExample(example.as(type.getKey())));
    }
  }

  /** A JSON value, or the text as it is when it is none (PEM, pg_hba.conf) or several of them. */
  private record Example(String text) {

    Object as(String mediaType) {
      if (mediaType.equals(AuditResource.JSON_LINES)) {
        return text;
      }
      try {
        return JSON.readValue(text, Object.class);
      } catch (JsonProcessingException e) {
        return text;
      }
    }
  }

  private static Optional<Example> example(Operation operation, String side) {
    String name = "/openapi-examples/" + operation.getOperationId() + "." + side;
    try (InputStream in = OperationExamples.class.getResourceAsStream(name)) {
      return in == null
          ? Optional.empty()
          : Optional.of(new Example(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }
}
