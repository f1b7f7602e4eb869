package dev.pgseal.api;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.RecordComponentInfo;
import org.jspecify.annotations.Nullable;

/**
 * Tells in the schemas what the code promises, and leaves out those that nothing refers to: in an
 * answer every component of its record is there unless it is {@code @Nullable}; in a request no
 * other field may be there; and a pattern of Bean Validation is one of the whole text, whereas JSON
 * Schema's may match anywhere.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class SchemaCompletion implements OASFilter {

  private static final DotName NULLABLE = DotName.createSimple(Nullable.class);
  private static final DotName SCHEMA =
      DotName.createSimple("org.eclipse.microprofile.openapi.annotations.media.Schema");
  private static final String REFERENCE = "#/components/schemas/";

  /** What {@code @NotBlank} becomes: a text with this somewhere in it. */
  private static final String NOT_BLANK = "\\S";

  private final Map<String, List<ClassInfo>> records = new HashMap<>();

  /**
   * @param index of the classes of the service, given by Quarkus
   */
  public SchemaCompletion(IndexView index) {
    for (ClassInfo type : index.getKnownClasses()) {
      if (type.isRecord()) {
        records.computeIfAbsent(schemaName(type), name -> new ArrayList<>()).add(type);
      }
    }
  }

  private static String schemaName(ClassInfo type) {
    AnnotationInstance schema = type.declaredAnnotation(SCHEMA);
    return schema == null || schema.value("name") == null
        ? type.name().withoutPackagePrefix().replaceAll(".*\\$", "")
        : schema.value("name").asString();
  }

  @Override
  public void filterOpenAPI(OpenAPI api) {
    Map<String, Schema> schemas = Map.copyOf(api.getComponents().getSchemas());
    Set<String> requested = new HashSet<>();
    Set<String> answered = new HashSet<>();
    for (Operation operation : operations(api)) {
      if (operation.getRequestBody() != null) {
        collect(operation.getRequestBody().getContent(), schemas, requested);
      }
      operation
          .getResponses()
          .getAPIResponses()
          .values()
          .forEach(response -> collect(response.getContent(), schemas, answered));
    }
    // jobs carry problems, and so does every error
    collect(OASFactory.createSchema().ref(REFERENCE + "Problem"), schemas, answered);
    schemas.forEach(
        (name, schema) -> {
          if (!requested.contains(name) && !answered.contains(name)) {
            api.getComponents().removeSchema(name);
            return;
          }
          anchor(schema);
          if (schema.getProperties() == null) {
            return;
          }
          if (!requested.contains(name)) {
            require(name, schema);
          } else if (!answered.contains(name) && schema.getAdditionalPropertiesSchema() == null) {
            schema.setAdditionalPropertiesSchema(OASFactory.createSchema().booleanSchema(false));
          }
        });
  }

  private static List<Operation> operations(OpenAPI api) {
    return api.getPaths().getPathItems().values().stream()
        .flatMap(item -> item.getOperations().values().stream())
        .toList();
  }

  private void require(String name, Schema schema) {
    Set<String> properties = schema.getProperties().keySet();
    records.getOrDefault(name, List.of()).stream()
        .filter(type -> names(type).containsAll(properties))
        .findFirst()
        .ifPresent(
            type ->
                schema.setRequired(
                    type.recordComponentsInDeclarationOrder().stream()
                        .filter(component -> !component.type().hasAnnotation(NULLABLE))
                        .map(RecordComponentInfo::name)
                        .filter(properties::contains)
                        .toList()));
  }

  private static List<String> names(ClassInfo type) {
    return type.recordComponentsInDeclarationOrder().stream()
        .map(RecordComponentInfo::name)
        .toList();
  }

  private static void anchor(@Nullable Schema schema) {
    if (schema == null) {
      return;
    }
    String pattern = schema.getPattern();
    if (pattern != null && !pattern.equals(NOT_BLANK) && !pattern.startsWith("^")) {
      schema.setPattern(pattern.contains("|") ? "^(" + pattern + ")$" : "^" + pattern + "$");
    }
    children(schema).forEach(SchemaCompletion::anchor);
  }

  private static void collect(
      @Nullable Content content, Map<String, Schema> schemas, Set<String> names) {
    if (content != null) {
      content.getMediaTypes().values().forEach(type -> collect(type.getSchema(), schemas, names));
    }
  }

  private static void collect(
      @Nullable Schema schema, Map<String, Schema> schemas, Set<String> names) {
    if (schema == null) {
      return;
    }
    if (schema.getRef() != null) {
      String name = schema.getRef().substring(REFERENCE.length());
      if (names.add(name)) {
        collect(schemas.get(name), schemas, names);
      }
    }
    children(schema).forEach(child -> collect(child, schemas, names));
  }

  private static Collection<Schema> children(Schema schema) {
    List<Schema> children = new ArrayList<>();
    if (schema.getProperties() != null) {
      children.addAll(schema.getProperties().values());
    }
    if (schema.getItems() != null) {
      children.add(schema.getItems());
    }
    if (schema.getAdditionalPropertiesSchema() != null) {
      children.add(schema.getAdditionalPropertiesSchema());
    }
    if (schema.getAllOf() != null) {
      children.addAll(schema.getAllOf());
    }
    return children;
  }
}
