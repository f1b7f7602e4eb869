package dev.pgseal.fuzz;

import dev.pgseal.contract.ContractOperation;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is sent, as it is on the wire.
 *
 * @param caller the role whose token it has, or how it has none
 * @param target the path and the query; Latin-1
 * @param headers whole lines without their end; Latin-1
 * @param mayMissServers it names a server that is not there to be reached
 */
record FuzzRequest(
    ContractOperation operation,
    Kind kind,
    String caller,
    String target,
    List<String> headers,
    byte[] body,
    boolean mayMissServers) {

  String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /** Whether the target is a URI reference (RFC 3986 4.1). */
  boolean hasUri() {
    try {
      return new URI(target).getRawPath() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** RFC 9110 7.8; the codec sees to that by itself. */
  boolean asksForAnotherProtocol() {
    return headers.stream().anyMatch(line -> line.startsWith("Upgrade:"));
  }

  /** Whether an answer that has this text may only repeat it. */
  boolean sends(String text) {
    return new String(unescaped(), StandardCharsets.UTF_8).contains(text)
        || new String(body, StandardCharsets.UTF_8).contains(text);
  }

  private byte[] unescaped() {
    Matcher escape = Pattern.compile("%([0-9A-Fa-f]{2})").matcher(target);
    return escape
        .replaceAll(
            hex ->
                Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(hex.group(1), 16))))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The document says that whoever sends this lacks the role for it. */
  boolean lacksRole() {
    return !operation.roles().isEmpty()
        && !caller.equals("ADMIN")
        // every role reads
        && !operation.roles().contains("viewer")
        && !operation.roles().contains(caller.toLowerCase(java.util.Locale.ROOT));
  }

  /** Short enough for a message, without the token. */
  @Override
  public String toString() {
    String text = new String(body, StandardCharsets.UTF_8);
    return "%s %s by %s: %s %s %s %s"
        .formatted(
            kind,
            operation.id(),
            caller,
            operation.method(),
            brief(target),
            headers.stream().filter(h -> !h.startsWith("Authorization")).toList(),
            brief(text));
  }

  private static String brief(String text) {
    return text.length() > 700 ? text.substring(0, 700) + "… " + text.length() : text;
  }
}
