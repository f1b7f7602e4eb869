package dev.pgseal.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One operation of the document.
 *
 * @param method in upper case
 * @param path with its {@code {parameters}}
 * @param node what the document says of it
 */
public record ContractOperation(String method, String path, JsonNode node) {

  /**
   * A parameter.
   *
   * @param in {@code path}, {@code query} or {@code header}
   */
  public record Parameter(String name, String in, boolean required, JsonNode schema) {}

  public String id() {
    return node.path("operationId").asText();
  }

  public boolean changes() {
    return !method.equals("GET");
  }

  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    node.path("parameters")
        .forEach(
            p ->
                parameters.add(
                    new Parameter(
                        p.path("name").asText(),
                        p.path("in").asText(),
                        p.path("required").asBoolean(),
                        p.path("schema"))));
    return parameters;
  }

  /** The roles any one of which lets in; empty for an operation that is for everybody. */
  public List<String> roles() {
    List<String> roles = new ArrayList<>();
    node.path("x-roles").forEach(role -> roles.add(role.asText()));
    return roles;
  }

  /** The media types of the request's body, the usual one first; empty when it has none. */
  public List<String> requestTypes() {
    List<String> types = new ArrayList<>();
    node.path("requestBody").path("content").fieldNames().forEachRemaining(types::add);
    return types;
  }

  public JsonNode requestContent(String mediaType) {
    return node.path("requestBody").path("content").path(mediaType);
  }

  /** The example of the request's body, if the document has one. */
  public Optional<JsonNode> requestExample() {
    return requestTypes().stream()
        .map(type -> requestContent(type).path("example"))
        .filter(example -> !example.isMissingNode())
        .findFirst();
  }

  JsonNode response(int status) {
    JsonNode responses = node.path("responses");
    JsonNode exact = responses.path(Integer.toString(status));
    return exact.isMissingNode() ? responses.path(status / 100 + "XX") : exact;
  }

  boolean fits(String verb, String rawPath) {
    return method.equals(verb) && pattern().matcher(rawPath).matches();
  }

  /** How much of the path is no parameter: of two that fit, the one with more of it is meant. */
  int literal() {
    return path.replaceAll("\\{[^}]+}", "").length();
  }

  private Pattern pattern() {
    StringBuilder pattern = new StringBuilder();
    int done = 0;
    var parameters = Pattern.compile("\\{[^}]+}").matcher(path);
    while (parameters.find()) {
      pattern.append(Pattern.quote(path.substring(done, parameters.start()))).append("[^/]+");
      done = parameters.end();
    }
    return Pattern.compile(pattern + Pattern.quote(path.substring(done)));
  }
}
