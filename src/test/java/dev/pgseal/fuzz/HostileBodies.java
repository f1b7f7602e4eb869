package dev.pgseal.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Spoils a sound body: in a value, or in the bytes. */
final class HostileBodies {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Where pgseal connects to; a hostile value there must lead nowhere (RFC 6761 6.4). */
  private static final Set<String> ADDRESSES = Set.of("host", "url", "directory");

  private static final int DEEP = 5_000;

  private final Draw draw;

  HostileBodies(Draw draw) {
    this.draw = draw;
  }

  byte[] of(JsonNode sound) {
    if (sound.isTextual()) {
      return bytes(sound.asText() + draw.from(HostileTexts.TEXTS) + "\n");
    }
    if (draw.percent(60)) {
      return bytes(inside("", sound.deepCopy()).toString());
    }
    return raw(sound.toString());
  }

  private JsonNode inside(String field, JsonNode value) {
    if (value instanceof ObjectNode object && !object.isEmpty() && !draw.percent(8)) {
      List<String> fields = new ArrayList<>();
      object.fieldNames().forEachRemaining(fields::add);
      if (draw.percent(8)) {
        object.set(draw.from(HostileTexts.TEXTS), JSON.textNode("x"));
        return object;
      }
      String chosen = draw.from(fields);
      object.set(chosen, inside(chosen, object.get(chosen)));
      return object;
    }
    if (value instanceof ArrayNode array && !array.isEmpty() && !draw.percent(20)) {
      array.set(0, inside(field, array.get(0)));
      return array;
    }
    return hostile(field);
  }

  private JsonNode hostile(String field) {
    if (field.equals("port")) {
      return draw.from(
          List.of(
              JSON.numberNode(0),
              JSON.numberNode(-1),
              JSON.numberNode(65_536),
              JSON.numberNode(BigInteger.TEN.pow(400)),
              JSON.textNode("1; id")));
    }
    String text = draw.from(HostileTexts.TEXTS);
    if (ADDRESSES.contains(field)) {
      return JSON.textNode(
          field.equals("host") ? text + ".invalid" : "https://127.0.0.1:1/" + text);
    }
    return switch (draw.below(12)) {
      case 0 -> JSON.numberNode(Long.MAX_VALUE);
      case 1 -> JSON.numberNode(BigInteger.TEN.pow(1_200));
      case 2 -> JSON.numberNode(-0.0);
      case 3 -> JSON.nullNode();
      case 4 -> many(text);
      case 5 -> JSON.objectNode().put("$ref", text).put("@class", "java.lang.Runtime");
      default -> JSON.textNode(text);
    };
  }

  private static JsonNode many(String text) {
    ArrayNode array = JSON.arrayNode();
    for (int i = 0; i < 300; i++) {
      array.add(text.length() > 100 ? "x" + i : text + i);
    }
    return array;
  }

  private byte[] raw(String json) {
    return switch (draw.below(14)) {
      case 0 -> new byte[0];
      case 1 -> bytes(json.substring(0, draw.below(json.length() + 1)));
      case 2 -> bytes(json + json);
      case 3 ->
          bytes(
              json.length() < 3
                  ? json
                  : "{" + json.substring(1, json.length() - 1) + "," + json.substring(1));
      case 4 -> bytes("[".repeat(DEEP));
      case 5 -> bytes("{\"a\":".repeat(DEEP) + "1" + "}".repeat(DEEP));
      case 6 -> json.getBytes(StandardCharsets.UTF_16);
      case 7 -> bytes("\uFEFF" + json);
      case 8 -> spoiled(bytes(json));
      case 9 -> bytes(json.replace("\"", "\\\""));
      case 10 -> bytes(json.replace(":", ":\u0000"));
      case 11 -> bytes("{\"x\": 1e" + "9".repeat(300) + "}");
      case 12 -> bytes("{\"" + "k".repeat(60_000) + "\": 1}");
      default -> bytes(draw.from(HostileTexts.TEXTS));
    };
  }

  /** Bytes that are no UTF-8. */
  private byte[] spoiled(byte[] bytes) {
    for (int i = 0; i < 3 && bytes.length > 0; i++) {
      bytes[draw.below(bytes.length)] = (byte) (0x80 + draw.below(128));
    }
    return bytes;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
