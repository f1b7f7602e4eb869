package dev.pgseal.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgseal.contract.Contract;
import dev.pgseal.contract.ContractOperation;
import dev.pgseal.testing.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Values that fit a schema. Where the schema alone would give values that name nothing, the field's
 * name says what to take: a server, an authority, a rule. Addresses are loopback ones, and ports
 * closed or the sandbox's.
 */
final class SoundValues {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Fields whose value in an example names something that is not there, or an address. */
  private static final Set<String> OF_EXAMPLES_REPLACED =
      Set.of(
          "name",
          "host",
          "port",
          "server",
          "servers",
          "authority",
          "parent",
          "directory",
          "url",
          "username",
          "password",
          "ignore",
          "database",
          "grace");

  private final Contract contract;
  private final Things things;
  private final Draw draw;

  SoundValues(Contract contract, Things things, Draw draw) {
    this.contract = contract;
    this.things = things;
    this.draw = draw;
  }

  /** A JSON body: the example with other names, or one made from the schema. */
  JsonNode body(ContractOperation operation, JsonNode schema, Things.Reach reach) {
    Optional<JsonNode> example = operation.requestExample().filter(JsonNode::isObject);
    if (example.isPresent() && draw.percent(50)) {
      ObjectNode body = example.get().deepCopy();
      JsonNode properties = contract.resolve(schema).path("properties");
      List<String> names = new ArrayList<>();
      body.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        if (OF_EXAMPLES_REPLACED.contains(name)) {
          body.set(name, of(name, properties.path(name), reach));
        }
      }
      return body;
    }
    return of("", schema, reach);
  }

  JsonNode of(String field, JsonNode schema, Things.Reach reach) {
    JsonNode type = contract.resolve(schema);
    if (type.has("enum")) {
      return JSON.textNode(chosen(type.path("enum")));
    }
    return switch (type.path("type").asText()) {
      case "object" -> object(field, type, reach);
      case "array" -> array(field, type, reach);
      case "integer" -> JSON.numberNode(integer(field, type));
      case "number" -> JSON.numberNode(number(type));
      case "boolean" -> JSON.booleanNode(draw.percent(50));
      default -> JSON.textNode(text(field, schema, type, reach));
    };
  }

  /** Making an RSA key costs a second of a processor. */
  private String chosen(JsonNode values) {
    List<String> names = new ArrayList<>();
    values.forEach(value -> names.add(value.asText()));
    if (names.contains("RSA_4096") && !draw.percent(4)) {
      names.removeIf(name -> name.startsWith("RSA"));
    }
    return draw.from(names);
  }

  private JsonNode object(String field, JsonNode type, Things.Reach reach) {
    ObjectNode object = JSON.objectNode();
    if (!type.has("properties")) {
      if (field.equals("labels") || field.equals("serverLabels")) {
        object.put("fuzz", "decoy");
      }
      return object;
    }
    Set<String> required = new java.util.HashSet<>();
    type.path("required").forEach(name -> required.add(name.asText()));
    type.path("properties")
        .properties()
        .forEach(
            property -> {
              if (required.contains(property.getKey()) || draw.percent(35)) {
                object.set(property.getKey(), of(property.getKey(), property.getValue(), reach));
              }
            });
    return object;
  }

  private JsonNode array(String field, JsonNode type, Things.Reach reach) {
    ArrayNode array = JSON.arrayNode();
    JsonNode first = of(field, type.path("items"), reach);
    array.add(first);
    if (draw.percent(25)) {
      JsonNode second = of(field, type.path("items"), reach);
      if (!second.equals(first)) {
        array.add(second);
      }
    }
    return array;
  }

  private long integer(String field, JsonNode type) {
    if (field.equals("port")) {
      return draw.percent(20) ? things.port() : Things.CLOSED_PORT;
    }
    long least = type.path("minimum").asLong(0);
    long most = Math.min(type.path("maximum").asLong(1_000), least + 1_000);
    return least + draw.below((int) (most - least) + 1);
  }

  private double number(JsonNode type) {
    double least = type.path("minimum").asDouble(0);
    double most = type.path("maximum").asDouble(1);
    return least + (most - least) * draw.below(100) / 99;
  }

  private String text(String field, JsonNode schema, JsonNode type, Things.Reach reach) {
    return switch (type.path("format").asText()) {
      case "date-time" -> draw.from(List.of("2027-12-31T00:00:00Z", "2030-01-01T00:00:00.123456Z"));
      case "duration" ->
          field.equals("grace")
              ? draw.from(List.of("PT0S", "PT1S"))
              : draw.from(List.of("P1D", "P30D", "P90D", "PT24H", "P365D"));
      case "uuid" -> new UUID(draw.below(1_000), draw.below(1_000)).toString();
      case "uri" -> "https://127.0.0.1:" + Things.CLOSED_PORT + "/" + draw.letters(4);
      default -> named(field, schema, reach);
    };
  }

  private String named(String field, JsonNode schema, Things.Reach reach) {
    return switch (field) {
      case "name" -> "f-" + draw.letters(8);
      case "host" -> draw.from(List.of("127.0.0.1", "localhost", "::1"));
      case "endpoints" -> draw.from(List.of("localhost", "127.0.0.1", "db1.example.com", "::1"));
      case "server", "servers", "ignore" -> things.server(reach, draw);
      case "authority", "parent" -> draw.from(things.authorities());
      case "username" -> draw.from(List.of(PostgresServer.SUPERUSER, "app", "nobody"));
      case "password" -> draw.percent(70) ? PostgresServer.PASSWORD : draw.letters(12);
      case "database" -> draw.from(List.of("postgres", "template1", "shop"));
      case "clientAddress" -> draw.from(List.of("10.1.2.3", "::1", "127.0.0.1", "192.0.2.0/24"));
      case "rule" ->
          draw.from(
              List.of(
                  "hostssl shop app 10.9.0.0/16 scram-sha-256",
                  "host all all 10.0.0.0/8 md5",
                  "local all all peer",
                  "hostssl all \"/^a.*$\" samenet cert clientcert=verify-full map=m"));
      case "entry" ->
          draw.from(List.of("clients orders orders_app", "clients /^(.*)@corp$ \\1", "m a b"));
      case "before", "after" -> draw.from(things.ruleIds());
      case "passphrase" -> "passphrase";
      case "minProtocolVersion" -> draw.from(List.of("TLSv1.2", "TLSv1.3"));
      default -> schema.path("example").asText("fuzz " + draw.letters(5));
    };
  }
}
