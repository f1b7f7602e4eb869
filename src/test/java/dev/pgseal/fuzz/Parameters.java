package dev.pgseal.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgseal.contract.ContractOperation;
import dev.pgseal.contract.ContractOperation.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Paths, queries and headers. */
final class Parameters {

  static final List<String> MEDIA_TYPES =
      List.of(
          "text/plain",
          "application/xml",
          "application/x-www-form-urlencoded",
          "multipart/form-data; boundary=x",
          "application/json; charset=utf-7",
          "application/json; charset=utf-16",
          "application/octet-stream",
          "application/json-patch+json",
          "*/*",
          "",
          "/",
          ";",
          "a".repeat(300));

  private static final List<String> HEADERS =
      List.of(
          "Accept: text/html",
          "Accept: ",
          "Accept: */*;q=x",
          "Accept: ;;,",
          "Accept: application/json;q=0",
          "Accept-Encoding: gzip;q=nan",
          "Accept-Language: ' OR 1=1",
          "Content-Encoding: gzip",
          "Expect: the-impossible",
          "X-Request-Id: a\u00ffb",
          "X-Request-Id: '; DROP TABLE job; --",
          "X-HTTP-Method-Override: DELETE",
          "X-Forwarded-For: 127.0.0.1",
          "X-Forwarded-Host: owned.invalid",
          "Forwarded: for=\"_x\";host=owned.invalid",
          "Last-Event-ID: -1",
          "Last-Event-ID: 99999999999999999999",
          "Last-Event-ID: ' OR 1=1",
          "If-Match: \"",
          "If-Match: W/\"1\", \"2\"",
          "If-Match: ' OR '1'='1",
          "If-None-Match: *",
          "If-Modified-Since: yesterday",
          "Range: bytes=0-18446744073709551615",
          "Idempotency-Key: " + "k".repeat(2_000),
          "Idempotency-Key: \u00ff'\"",
          "Prefer: wait=99999999999999999999",
          "Prefer: ;;wait",
          "Cookie: a=b; ' OR 1=1",
          "Origin: null",
          "Upgrade: h2c",
          "Content-Length-X: -1",
          "X-Long: " + "x".repeat(4_000));

  private static final List<String> BROKEN_NUMBERS = List.of("0x1", "many", "1.5", "-1", "99999");

  private final Things things;
  private final Draw draw;
  private final SoundValues values;

  Parameters(Things things, Draw draw, SoundValues values) {
    this.things = things;
    this.draw = draw;
    this.values = values;
  }

  String path(ContractOperation operation, String server) {
    String path = operation.path();
    for (Parameter parameter : operation.parameters()) {
      if (parameter.in().equals("path")) {
        path = path.replace("{" + parameter.name() + "}", thing(operation, parameter, server));
      }
    }
    return path;
  }

  private String thing(ContractOperation operation, Parameter parameter, String server) {
    return switch (parameter.name()) {
      case "server" -> server;
      case "authority" -> draw.from(things.authorities());
      case "certificate" ->
          draw.percent(80) ? draw.from(things.certificates()) : UUID.randomUUID().toString();
      case "job" -> job(operation);
      case "token" -> draw.from(things.spareTokens());
      case "webhook" -> draw.from(Fleet.WEBHOOKS);
      case "revision" -> Integer.toString(1 + draw.below(4));
      case "ruleId", "entryId" -> draw.from(things.ruleIds());
      default -> Integer.toString(draw.below(100_000));
    };
  }

  /** A stream of a job that waits has no end. */
  private String job(ContractOperation operation) {
    if (draw.percent(15)) {
      return UUID.randomUUID().toString();
    }
    return operation.changes() && draw.percent(50)
        ? draw.from(things.openJobs())
        : draw.from(things.endedJobs());
  }

  String query(ContractOperation operation, Things.Reach reach) {
    List<String> pairs = new ArrayList<>();
    for (Parameter parameter : queries(operation)) {
      if (parameter.required() || draw.percent(40)) {
        pairs.add(parameter.name() + "=" + HostileTexts.encoded(sound(parameter, reach)));
      }
    }
    return pairs.isEmpty() ? "" : "?" + String.join("&", pairs);
  }

  private String sound(Parameter parameter, Things.Reach reach) {
    return switch (parameter.name()) {
      case "pageToken" -> draw.from(List.of("Z3VhcmRlZA", "YQ"));
      case "label" -> "fuzz=decoy";
      case "wait" -> draw.from(List.of("0s", "1s", "PT0S"));
      default -> {
        JsonNode value = values.of(parameter.name(), parameter.schema(), reach);
        yield value.isArray() ? value.path(0).asText() : value.asText();
      }
    };
  }

  /** With one parameter that its schema refuses; empty when no schema here refuses any text. */
  Optional<String> brokenQuery(ContractOperation operation) {
    List<Parameter> refusing =
        queries(operation).stream()
            .filter(
                p ->
                    p.schema().toString().contains("\"integer\"")
                        || p.schema().toString().contains("$ref")
                        || p.schema().has("enum"))
            .toList();
    if (refusing.isEmpty()) {
      return Optional.empty();
    }
    Parameter chosen = draw.from(refusing);
    return Optional.of("?" + chosen.name() + "=" + draw.from(BROKEN_NUMBERS));
  }

  String hostilePath(ContractOperation operation) {
    String value =
        draw.percent(50)
            ? draw.from(HostileTexts.RAW)
            : HostileTexts.encoded(draw.from(HostileTexts.TEXTS));
    if (!operation.path().contains("{")) {
      return operation.path() + (draw.percent(50) ? "/" : "") + value;
    }
    String path = operation.path().replaceFirst("\\{[^}]+}", placeholder());
    path = path(operation, path, Things.NOWHERE);
    return path.replace(placeholder(), value);
  }

  private String path(ContractOperation operation, String begun, String server) {
    String path = begun;
    for (Parameter parameter : operation.parameters()) {
      if (parameter.in().equals("path")) {
        path = path.replace("{" + parameter.name() + "}", thing(operation, parameter, server));
      }
    }
    return path;
  }

  private static String placeholder() {
    return "hostile-value";
  }

  String hostileQuery(ContractOperation operation, String sound) {
    List<Parameter> known = queries(operation);
    String name = known.isEmpty() || draw.percent(15) ? draw.letters(5) : draw.from(known).name();
    String value =
        draw.percent(40)
            ? draw.from(HostileTexts.RAW)
            : HostileTexts.encoded(draw.from(HostileTexts.TEXTS));
    return (sound.isEmpty() ? "?" : sound + "&") + name + "=" + value;
  }

  String hostileHeader() {
    return draw.from(HEADERS);
  }

  private static List<Parameter> queries(ContractOperation operation) {
    return operation.parameters().stream().filter(p -> p.in().equals("query")).toList();
  }
}
