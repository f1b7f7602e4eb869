package dev.pgseal.tls;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A libpq connection string, as {@code keyword=value} pairs or as a URI (libpq
 * fe-connect.c:parse_connection_string): single keywords can be set or dropped, every other byte
 * stays as it was.
 *
 * <p>It can hold a password: {@link #toString} does not show it.
 */
public final class PrimaryConninfo {

  /** Shown as asterisks by libpq itself (fe-connect.c:PQconninfoOptions, dispchar). */
  private static final List<String> SECRETS =
      List.of(
          "password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret");

  private static final String DEFAULT_PORT = "5432";

  private final ConninfoText form;

  private PrimaryConninfo(ConninfoText form) {
    this.form = form;
  }

  /**
   * One of the places that libpq tries in turn.
   *
   * @param name of {@code host}; empty where only {@code hostaddr} stands
   * @param address what is connected to: {@code hostaddr}, or the name
   */
  public record Host(String name, String address, String port) {}

  /**
   * @throws PgsealException {@code ILLEGAL_STATE} for what libpq would refuse; never with the text
   *     itself, which can hold a password
   */
  public static PrimaryConninfo parse(String text) {
    return new PrimaryConninfo(
        UriConninfo.isUri(text) ? UriConninfo.parse(text) : KeywordConninfo.parse(text));
  }

  public Optional<String> get(String keyword) {
    return form.get(keyword);
  }

  public PrimaryConninfo with(String keyword, String value) {
    return new PrimaryConninfo(form.with(keyword, value));
  }

  public PrimaryConninfo without(String keyword) {
    return new PrimaryConninfo(form.without(keyword));
  }

  /** The whole string, password included. */
  public String text() {
    return form.text();
  }

  /** Whether something stands in it that nobody else may see. */
  boolean holdsSecret() {
    return SECRETS.stream().anyMatch(keyword -> get(keyword).isPresent());
  }

  /** What libpq does when nothing is said. */
  String sslMode() {
    return get("sslmode").filter(mode -> !mode.isEmpty()).orElse("prefer");
  }

  /** Whether it would rather not connect than without TLS. */
  boolean demandsTls() {
    String mode = sslMode();
    return mode.equals("require") || mode.startsWith("verify-");
  }

  /** In the order libpq tries them; {@code port} has one entry for all or one for each. */
  List<Host> hosts() {
    List<String> names = list("host");
    List<String> addresses = list("hostaddr");
    List<String> ports = list("port");
    List<Host> hosts = new ArrayList<>();
    for (int i = 0; i < Math.max(names.size(), addresses.size()); i++) {
      String name = at(names, i);
      String address = at(addresses, i);
      String port = ports.size() == 1 ? ports.get(0) : at(ports, i);
      hosts.add(
          new Host(name, address.isEmpty() ? name : address, port.isEmpty() ? DEFAULT_PORT : port));
    }
    return List.copyOf(hosts);
  }

  private List<String> list(String keyword) {
    return get(keyword)
        .filter(value -> !value.isEmpty())
        .map(value -> List.of(value.split(",", -1)))
        .orElse(List.of());
  }

  private static String at(List<String> list, int index) {
    return index < list.size() ? list.get(index) : "";
  }

  @Override
  public String toString() {
    ConninfoText masked = form;
    for (String keyword : SECRETS) {
      if (masked.get(keyword).isPresent()) {
        masked = masked.without(keyword).with(keyword, "********");
      }
    }
    return masked.text();
  }

  static PgsealException malformed(String why) {
    return new PgsealException(
        ProblemType.ILLEGAL_STATE, "primary_conninfo cannot be changed: " + why);
  }
}
