package dev.pgseal.hba;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lists of the radius method's options (hba.c; varlena.c, SplitGUCList). Server names are taken to
 * resolve: PostgreSQL asks DNS at load time.
 */
final class RadiusOptions {

  private static final Map<String, String> NOUN =
      Map.of(
          "radiusservers", "server list",
          "radiusports", "port list",
          "radiussecrets", "secret list",
          "radiusidentifiers", "identifiers list");

  private RadiusOptions() {}

  static void checkValue(FieldCursor cursor, HbaOption option) throws RecordError {
    String value = option.value();
    List<String> list = split(value);
    boolean ports = option.name().equals("radiusports");
    if (list == null) {
      String shown = option.isSecret() ? option.shownValue() : value;
      String message = "could not parse RADIUS " + NOUN.get(option.name()) + " \"" + shown + "\"";
      if (ports) {
        throw cursor.error(message, "invalid RADIUS port number: \"" + value + "\"");
      }
      throw cursor.silentError(message);
    }
    if (ports && !list.stream().allMatch(LdapOptions::isNumber)) {
      throw cursor.silentError("invalid RADIUS port number: \"" + value + "\"");
    }
  }

  static void checkTogether(FieldCursor cursor, List<HbaOption> options) throws RecordError {
    OptionRules.require(cursor, options, "radiusservers", "radius");
    OptionRules.require(cursor, options, "radiussecrets", "radius");
    int servers = count(options, "radiusservers");
    int secrets = count(options, "radiussecrets");
    // an empty list is a null pointer to the check above
    if (servers == 0) {
      throw missing(cursor, "radiusservers");
    }
    if (secrets == 0) {
      throw missing(cursor, "radiussecrets");
    }
    length(cursor, "secrets", secrets, servers);
    length(cursor, "ports", count(options, "radiusports"), servers);
    length(cursor, "identifiers", count(options, "radiusidentifiers"), servers);
  }

  private static RecordError missing(FieldCursor cursor, String name) {
    return cursor.error(
        "authentication method \"radius\" requires argument \"" + name + "\" to be set");
  }

  private static void length(FieldCursor cursor, String noun, int count, int servers)
      throws RecordError {
    if (count > 1 && count != servers) {
      throw cursor.error(
          "the number of RADIUS "
              + noun
              + " ("
              + count
              + ") must be 1 or the same as the number"
              + " of RADIUS servers ("
              + servers
              + ")");
    }
  }

  private static int count(List<HbaOption> options, String name) {
    Optional<String> value = OptionRules.lastValue(options, name);
    List<String> list = value.isEmpty() ? null : split(value.get());
    return list == null ? 0 : list.size();
  }

  /** SplitGUCList: names quoted or bare, commas between; null when malformed. */
  private static @Nullable List<String> split(String text) {
    var names = new ArrayList<String>();
    int at = skipBlanks(text, 0);
    if (at == text.length()) {
      return names;
    }
    while (true) {
      int end = at < text.length() && text.charAt(at) == '"' ? quoted(text, at) : bare(text, at);
      if (end < 0) {
        return null;
      }
      names.add(text.substring(at, end));
      at = skipBlanks(text, end);
      if (at == text.length()) {
        return names;
      }
      if (text.charAt(at) != ',') {
        return null;
      }
      at = skipBlanks(text, at + 1);
    }
  }

  private static int quoted(String text, int from) {
    int at = from;
    do {
      at = text.indexOf('"', at + 1);
      if (at < 0) {
        return -1;
      }
      if (at + 1 < text.length() && text.charAt(at + 1) == '"') {
        at++;
        continue;
      }
      return at + 1;
    } while (true);
  }

  private static int bare(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) != ',' && !isBlank(text.charAt(at))) {
      at++;
    }
    return at == from ? -1 : at;
  }

  private static int skipBlanks(String text, int from) {
    int at = from;
    while (at < text.length() && isBlank(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** scanner_isspace. */
  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\u000b';
  }
}
