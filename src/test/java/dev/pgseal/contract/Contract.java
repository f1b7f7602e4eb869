package dev.pgseal.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.NonValidationKeyword;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The committed OpenAPI document: its operations, and what breaks its schemas. */
public final class Contract {

  private static final Path FILE = Path.of("openapi", "openapi.yaml");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(
          // each schema is compiled with the components that it refers to beside it
          Dialect.builder(Dialects.getOpenApi30())
              .keyword(new NonValidationKeyword("components"))
              .build(),
          registry ->
              registry.schemaRegistryConfig(
                  SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

  private static Contract committed;

  private final JsonNode document;
  private final ObjectNode requestComponents;
  private final ObjectNode responseComponents;
  private final List<ContractOperation> operations = new ArrayList<>();
  private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

  private Contract(JsonNode document) {
    this.document = document;
    this.requestComponents = document.path("components").deepCopy();
    this.responseComponents = document.path("components").deepCopy();
    responseComponents.path("schemas").forEach(Contract::close);
    document
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        operation -> {
                          if (operation.getValue().has("operationId")) {
                            operations.add(
                                new ContractOperation(
                                    operation.getKey().toUpperCase(java.util.Locale.ROOT),
                                    path.getKey(),
                                    operation.getValue()));
                          }
                        }));
  }

  /** A field of an answer that the document does not have is a fault of the document. */
  private static void close(JsonNode schema) {
    if (schema.has("properties") && !schema.has("additionalProperties")) {
      ((ObjectNode) schema).put("additionalProperties", false);
    }
  }

  /** {@code openapi/openapi.yaml}, read once. */
  public static synchronized Contract committed() {
    if (committed == null) {
      try {
        committed = read(Files.readString(FILE));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return committed;
  }

  /**
   * @throws IllegalArgumentException for a document that is none
   */
  static Contract read(String yaml) {
    SwaggerParseResult parsed = new OpenAPIV3Parser().readContents(yaml);
    if (parsed.getOpenAPI() == null || !parsed.getMessages().isEmpty()) {
      throw new IllegalArgumentException(String.valueOf(parsed.getMessages()));
    }
    try {
      return new Contract(JSON.readTree(Json.mapper().writeValueAsBytes(parsed.getOpenAPI())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public List<ContractOperation> operations() {
    return List.copyOf(operations);
  }

  /**
   * @throws IllegalArgumentException when there is none of this id
   */
  public ContractOperation operation(String id) {
    return operations.stream()
        .filter(operation -> operation.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("There is no operation " + id));
  }

  /**
   * @param rawPath as it is sent, without the query
   */
  public Optional<ContractOperation> find(String method, String rawPath) {
    String path = rawPath.replace("%3A", ":");
    return operations.stream()
        .filter(operation -> operation.fits(method, path))
        .max(Comparator.comparingInt(ContractOperation::literal));
  }

  /** The schema that a {@code $ref} or an {@code allOf} of one stands for, or itself. */
  public JsonNode resolve(JsonNode schema) {
    JsonNode ref = schema.path("$ref");
    if (ref.isMissingNode()) {
      ref = schema.path("allOf").path(0).path("$ref");
    }
    if (ref.isMissingNode()) {
      return schema;
    }
    return resolve(document.at(ref.asText().substring(1)));
  }

  /** What of a request's body breaks its schema; empty when nothing does. */
  public List<String> faultsOfRequest(JsonNode schema, JsonNode value) {
    return faults("request", requestComponents, schema, value);
  }

  /** As {@link #faultsOfRequest}; a field that the document does not have is a fault too. */
  public List<String> faultsOfResponse(JsonNode schema, JsonNode value) {
    return faults("response", responseComponents, schema, value);
  }

  private List<String> faults(String side, ObjectNode components, JsonNode schema, JsonNode value) {
    Schema compiled =
        schemas.computeIfAbsent(
            side + schema,
            key -> {
              ObjectNode root = JSON.createObjectNode();
              root.putArray("allOf").add(schema);
              root.set("components", components);
              return REGISTRY.getSchema(root);
            });
    return compiled.validate(value).stream().map(Object::toString).toList();
  }

  static JsonNode parse(String json) throws JsonProcessingException {
    return JSON.readTree(json);
  }
}
