package dev.pgseal.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What came back.
 *
 * @param contentType with its parameters; empty for none
 */
public record Answer(int status, String contentType, String body) {

  private static final String PROBLEM = "application/problem+json";

  /** Without parameters, in lower case. */
  public String mediaType() {
    return contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }

  /** What of it the document does not say of the operation; empty when all is said. */
  public List<String> faults(Contract contract, ContractOperation operation) {
    JsonNode response = operation.response(status);
    if (response.isMissingNode()) {
      return List.of("the document does not know status " + status);
    }
    JsonNode content = response.path("content");
    if (content.isMissingNode() || content.isEmpty()) {
      return body.isEmpty() ? List.of() : List.of("a body where the document has none");
    }
    JsonNode media = content.path(mediaType());
    if (media.isMissingNode()) {
      return List.of("the document does not know '" + contentType + "' for status " + status);
    }
    return switch (mediaType()) {
      case "application/json", PROBLEM -> json(contract, media.path("schema"), body);
      case "text/event-stream" -> events(contract, media.path("schema"));
      default -> List.of();
    };
  }

  /** What makes it no problem as RFC 9457 and the document have it, whatever was asked for. */
  public List<String> faultsAsProblem(Contract contract) {
    if (!mediaType().equals(PROBLEM)) {
      return List.of("an error that is no problem but '" + contentType + "'");
    }
    try {
      return json(contract, Contract.parse("{\"$ref\": \"#/components/schemas/Problem\"}"), body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<String> events(Contract contract, JsonNode schema) {
    List<String> faults = new ArrayList<>();
    body.lines()
        .filter(line -> line.startsWith("data:"))
        .forEach(line -> faults.addAll(json(contract, schema, line.substring(5))));
    return faults;
  }

  private static List<String> json(Contract contract, JsonNode schema, String text) {
    try {
      return contract.faultsOfResponse(schema, Contract.parse(text));
    } catch (JsonProcessingException e) {
      return List.of("no JSON: " + e.getOriginalMessage());
    }
  }
}
