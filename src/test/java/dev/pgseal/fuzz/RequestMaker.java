package dev.pgseal.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgseal.contract.Contract;
import dev.pgseal.contract.ContractOperation;
import dev.pgseal.contract.ContractOperation.Parameter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes requests out of the document.
 *
 * <p>What keeps the guarded servers as they are is not luck: a request that names one of them and
 * would change it is sent by somebody who lacks the role or cannot see the server, or breaks its
 * schema, or carries an ETag that is not the file's, or asks for a plan only ({@code
 * validateOnly}). Each of these the service has promised to be without effect, and the comparison
 * afterwards holds it to that. All else that changes goes to servers that are gone, to the sandbox,
 * or to names that nobody has.
 */
final class RequestMaker {

  private static final String WRONG_ETAG = "If-Match: \"0000\"";
  private static final String VALIDATE_ONLY = "validateOnly";

  private final Contract contract;
  private final Things things;
  private final Draw draw;
  private final SoundValues values;
  private final BrokenBodies broken;
  private final HostileBodies hostile;
  private final Parameters parameters;

  RequestMaker(Contract contract, Things things, Draw draw) {
    this.contract = contract;
    this.things = things;
    this.draw = draw;
    this.values = new SoundValues(contract, things, draw);
    this.broken = new BrokenBodies(contract, draw);
    this.hostile = new HostileBodies(draw);
    this.parameters = new Parameters(things, draw, values);
  }

  /** Where something hostile goes. */
  private enum Place {
    PATH,
    QUERY,
    HEADER,
    BODY
  }

  FuzzRequest make(ContractOperation operation) {
    int chance = draw.below(100);
    Kind kind = chance < 35 ? Kind.SOUND : chance < 60 ? Kind.BROKEN : Kind.HOSTILE;
    Optional<FuzzRequest> request = Optional.empty();
    if (kind == Kind.BROKEN) {
      request = broken(operation);
    }
    return request.orElseGet(() -> kind == Kind.SOUND ? sound(operation) : hostile(operation));
  }

  private FuzzRequest sound(ContractOperation operation) {
    String caller = caller(operation);
    JsonNode schema = bodySchema(operation);
    boolean planned =
        contract.resolve(schema).path("properties").has(VALIDATE_ONLY) && draw.percent(50);
    boolean conditional = hasIfMatch(operation);
    boolean harmless = harmless(operation, caller) || planned || conditional;
    Things.Reach reach = reach(operation, harmless);
    String server = things.server(reach, draw);
    List<String> headers = headers(operation, caller, false);
    if (conditional && !(reach == Things.Reach.ENTRIES && draw.percent(60))) {
      headers.add(ifMatch(operation, reach, server));
    }
    JsonNode body = body(operation, schema, reach);
    if (planned && body instanceof com.fasterxml.jackson.databind.node.ObjectNode object) {
      object.put(VALIDATE_ONLY, true);
    }
    String target = parameters.path(operation, server) + parameters.query(operation, reach);
    return new FuzzRequest(
        operation, Kind.SOUND, caller, target, headers, bytes(body), mayMiss(operation, reach));
  }

  private Optional<FuzzRequest> broken(ContractOperation operation) {
    String caller = caller(operation);
    JsonNode schema = bodySchema(operation);
    Things.Reach reach = reach(operation, true);
    List<String> headers = headers(operation, caller, false);
    if (hasIfMatch(operation)) {
      headers.add(WRONG_ETAG);
    }
    JsonNode body = body(operation, schema, reach);
    String query = parameters.query(operation, reach);
    Optional<String> brokenQuery = parameters.brokenQuery(operation);
    if (brokenQuery.isPresent() && (draw.percent(50) || !isJson(operation))) {
      query = brokenQuery.get();
    } else if (isJson(operation)) {
      Optional<JsonNode> spoiled = broken.of(body, schema);
      if (spoiled.isEmpty()) {
        return Optional.empty();
      }
      body = spoiled.get();
    } else {
      return Optional.empty();
    }
    String target = parameters.path(operation, things.server(reach, draw)) + query;
    return Optional.of(
        new FuzzRequest(
            operation,
            Kind.BROKEN,
            caller,
            target,
            headers,
            bytes(body),
            mayMiss(operation, reach)));
  }

  private FuzzRequest hostile(ContractOperation operation) {
    String caller = caller(operation);
    Things.Reach reach = reach(operation, harmless(operation, caller));
    Place place = place(operation);
    List<String> headers = headers(operation, caller, place == Place.HEADER);
    String server = things.server(reach, draw);
    if (hasIfMatch(operation)) {
      headers.add(ifMatch(operation, reach, server));
    }
    if (place == Place.HEADER) {
      headers.add(parameters.hostileHeader());
    }
    String path =
        place == Place.PATH
            ? parameters.hostilePath(operation)
            : parameters.path(operation, server);
    String query = parameters.query(operation, reach);
    if (place == Place.QUERY) {
      query = parameters.hostileQuery(operation, query);
    }
    JsonNode sound = body(operation, bodySchema(operation), reach);
    byte[] body = place == Place.BODY ? hostile.of(sound) : bytes(sound);
    return new FuzzRequest(
        operation, Kind.HOSTILE, caller, path + query, headers, body, mayMiss(operation, reach));
  }

  private Place place(ContractOperation operation) {
    List<Place> places = new ArrayList<>(List.of(Place.PATH, Place.QUERY, Place.HEADER));
    if (!operation.requestTypes().isEmpty()) {
      places.addAll(List.of(Place.BODY, Place.BODY, Place.BODY, Place.BODY));
    }
    return draw.from(places);
  }

  /** Mostly somebody who may. */
  private String caller(ContractOperation operation) {
    int chance = draw.below(100);
    if (chance < 8) {
      return Caller.NOBODY;
    }
    if (chance < 22) {
      return draw.from(List.of("VIEWER", "APPROVER"));
    }
    return draw.from(List.of("ADMIN", "ADMIN", "OPERATOR", "VIEWER"));
  }

  /** Whatever it says, it changes no guarded server: it reads, or it is refused, or sees none. */
  private static boolean harmless(ContractOperation operation, String caller) {
    return !operation.changes() || operation.roles().contains("viewer") || !caller.equals("ADMIN");
  }

  private Things.Reach reach(ContractOperation operation, boolean harmless) {
    if (harmless && draw.percent(50)) {
      return Things.Reach.GUARDED;
    }
    return operation.id().equals("changeServer") || operation.id().equals("deleteServer")
        ? Things.Reach.ENTRIES
        : Things.Reach.OPEN;
  }

  private String ifMatch(ContractOperation operation, Things.Reach reach, String server) {
    if (reach != Things.Reach.OPEN || !server.equals(things.sandbox()) || draw.percent(10)) {
      return WRONG_ETAG;
    }
    String file = operation.path().contains("/ident") ? "/ident" : "/hba";
    return "If-Match: " + things.etag().apply("/v1/servers/" + server + file);
  }

  private List<String> headers(ContractOperation operation, String caller, boolean otherType) {
    List<String> headers = new ArrayList<>();
    if (!caller.equals(Caller.NOBODY)) {
      headers.add("Authorization: Bearer " + things.tokens().get(caller));
    } else if (draw.percent(20)) {
      headers.add("Authorization: " + draw.from(Caller.WRONG));
    }
    if (!operation.requestTypes().isEmpty()) {
      headers.add(
          "Content-Type: "
              + (otherType && draw.percent(50)
                  ? draw.from(Parameters.MEDIA_TYPES)
                  : operation.requestTypes().get(0)));
    }
    for (Parameter parameter : operation.parameters()) {
      if (parameter.in().equals("header")
          && !parameter.name().equals("If-Match")
          && draw.percent(50)) {
        headers.add(parameter.name() + ": " + draw.below(9));
      }
    }
    return headers;
  }

  /**
   * Whether it asks something of a server that is gone; of an authority all servers are asked, and
   * one that is registered may be anywhere.
   */
  private static boolean mayMiss(ContractOperation operation, Things.Reach reach) {
    return reach != Things.Reach.GUARDED
        || operation.path().contains("{authority}")
        || operation.id().equals("registerServer");
  }

  private static boolean hasIfMatch(ContractOperation operation) {
    return operation.parameters().stream().anyMatch(p -> p.name().equals("If-Match"));
  }

  private static boolean isJson(ContractOperation operation) {
    return !operation.requestTypes().isEmpty() && operation.requestTypes().get(0).endsWith("json");
  }

  private static JsonNode bodySchema(ContractOperation operation) {
    return operation.requestTypes().isEmpty()
        ? com.fasterxml.jackson.databind.node.MissingNode.getInstance()
        : operation.requestContent(operation.requestTypes().get(0)).path("schema");
  }

  /** A JSON value, the text of another media type, or nothing. */
  private JsonNode body(ContractOperation operation, JsonNode schema, Things.Reach reach) {
    if (isJson(operation)) {
      return values.body(operation, schema, reach);
    }
    return operation.requestExample().orElse(schema.path("none"));
  }

  private static byte[] bytes(JsonNode body) {
    if (body.isMissingNode()) {
      return new byte[0];
    }
    return (body.isTextual() ? body.asText() : body.toString()).getBytes(StandardCharsets.UTF_8);
  }
}
