package dev.pgseal.fuzz;

import dev.pgseal.contract.ContractOperation;
import java.nio.charset.StandardCharsets;
import java.util.List;

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

  /** The document says that whoever sends this lacks the role for it. */
  boolean lacksRole() {
    return !operation.roles().isEmpty()
        && !caller.equals("ADMIN")
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
