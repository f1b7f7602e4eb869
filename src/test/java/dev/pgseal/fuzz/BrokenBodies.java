package dev.pgseal.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgseal.contract.Contract;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Breaks a sound body at one place, so that the document's schema refuses it. A null for a field
 * that may be left out breaks nothing: it is the same as leaving it out.
 */
final class BrokenBodies {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int TRIES = 30;

  private final Contract contract;
  private final Draw draw;

  BrokenBodies(Contract contract, Draw draw) {
    this.contract = contract;
    this.draw = draw;
  }

  /** Empty when chance found no way to break it. */
  Optional<JsonNode> of(JsonNode sound, JsonNode schema) {
    for (int i = 0; i < TRIES; i++) {
      JsonNode broken = broken(sound);
      if (!contract.faultsOfRequest(schema, withoutNulls(broken)).isEmpty()) {
        return Optional.of(broken);
      }
    }
    return Optional.empty();
  }

  private static JsonNode withoutNulls(JsonNode value) {
    JsonNode copy = value.deepCopy();
    if (copy instanceof ObjectNode object) {
      object.properties().removeIf(field -> field.getValue().isNull());
      object.properties().forEach(field -> field.setValue(withoutNulls(field.getValue())));
    }
    return copy;
  }

  private JsonNode broken(JsonNode sound) {
    if (!sound.isObject() || draw.percent(3)) {
      return draw.from(List.of(JSON.arrayNode(), JSON.nullNode(), JSON.textNode("x")));
    }
    ObjectNode body = sound.deepCopy();
    List<String> fields = new ArrayList<>();
    body.fieldNames().forEachRemaining(fields::add);
    if (fields.isEmpty() || draw.percent(15)) {
      body.put(draw.letters(6), "no such field");
      return body;
    }
    String field = draw.from(fields);
    JsonNode value = body.get(field);
    if (draw.percent(25)) {
      body.remove(field);
    } else if (value.isObject() && draw.percent(70)) {
      body.set(field, broken(value));
    } else if (value.isArray() && draw.percent(50)) {
      body.set(field, JSON.arrayNode().add(wrong(value.path(0))));
    } else {
      body.set(field, wrong(value));
    }
    return body;
  }

  private JsonNode wrong(JsonNode value) {
    List<JsonNode> others =
        List.of(
            JSON.nullNode(),
            JSON.booleanNode(true),
            JSON.numberNode(5),
            JSON.numberNode(-1),
            JSON.numberNode(99_999_999_999L),
            JSON.numberNode(1.5),
            JSON.textNode(""),
            JSON.textNode("5"),
            JSON.textNode("true"),
            JSON.textNode(value.asText() + "!"),
            JSON.textNode(value.asText().toLowerCase(java.util.Locale.ROOT) + " x"),
            JSON.textNode("x".repeat(70_000)),
            JSON.arrayNode(),
            JSON.arrayNode().add(value),
            JSON.objectNode(),
            JSON.objectNode().set("value", value));
    return draw.from(others);
  }
}
