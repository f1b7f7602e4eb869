package dev.pgseal.tls;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The form {@code postgresql://…} (libpq fe-connect.c:conninfo_uri_parse_options). */
final class UriConninfo implements ConninfoText {

  private static final List<String> SCHEMES = List.of("postgresql://", "postgres://");
  private static final String UNRESERVED = "-._~/*";

  private final String text;
  private final Parts parts;

  private UriConninfo(String text, Parts parts) {
    this.text = text;
    this.parts = parts;
  }

  /**
   * @param start where the name begins
   * @param end behind the value
   */
  private record Parameter(String name, String value, int start, int end) {
    /** JDBC's spelling, which libpq takes (fe-connect.c:conninfo_uri_parse_params). */
    String keyword() {
      return name.equals("ssl") && value.equals("true") ? "sslmode" : name;
    }

    String effective() {
      return name.equals("ssl") && value.equals("true") ? "require" : value;
    }
  }

  /**
   * @param authority user, password, host, port and dbname, as far as they stand before the {@code
   *     ?}
   * @param passwordStart of the colon before the password; -1 without one
   * @param passwordEnd of the {@code @} behind it
   * @param query whether there is a {@code ?}
   */
  private record Parts(
      Map<String, String> authority,
      int passwordStart,
      int passwordEnd,
      boolean query,
      List<Parameter> parameters) {}

  static boolean isUri(String text) {
    return SCHEMES.stream().anyMatch(text::startsWith);
  }

  static UriConninfo parse(String text) {
    return new UriConninfo(text, new Scanner(text).parts());
  }

  private Optional<Parameter> last(String keyword) {
    return parts.parameters().stream()
        .filter(parameter -> parameter.keyword().equals(keyword))
        .reduce((one, other) -> other);
  }

  @Override
  public Optional<String> get(String keyword) {
    return last(keyword)
        .map(Parameter::effective)
        .or(() -> Optional.ofNullable(parts.authority().get(keyword)));
  }

  @Override
  public UriConninfo with(String keyword, String value) {
    String written = encode(keyword) + "=" + encode(value);
    Optional<Parameter> present = last(keyword);
    if (present.isPresent()) {
      return parse(
          text.substring(0, present.get().start()) + written + text.substring(present.get().end()));
    }
    char end = text.charAt(text.length() - 1);
    boolean separated = parts.query() && (end == '?' || end == '&');
    return parse(text + (separated ? "" : parts.query() ? "&" : "?") + written);
  }

  @Override
  public UriConninfo without(String keyword) {
    Optional<Parameter> present = last(keyword);
    if (present.isPresent()) {
      int start = present.get().start();
      int end = present.get().end();
      // one separator goes as well: the one behind, or the one before the last parameter
      String rest =
          end < text.length()
              ? text.substring(0, start) + text.substring(end + 1)
              : text.substring(0, start - 1);
      return parse(rest).without(keyword);
    }
    if (keyword.equals("password") && parts.passwordStart() >= 0) {
      return parse(text.substring(0, parts.passwordStart()) + text.substring(parts.passwordEnd()));
    }
    return this;
  }

  @Override
  public String text() {
    return text;
  }

  private static String encode(String value) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          (b >= 'a' && b <= 'z')
              || (b >= 'A' && b <= 'Z')
              || (b >= '0' && b <= '9')
              || UNRESERVED.indexOf(b) >= 0
              || b == '_';
      encoded.append(plain ? String.valueOf((char) b) : "%%%02X".formatted(b & 0xff));
    }
    return encoded.toString();
  }

  /** The loops of conninfo_uri_parse_options and conninfo_uri_parse_params. */
  private static final class Scanner {
    private final String text;
    private int at;

    Scanner(String text) {
      this.text = text;
    }

    Parts parts() {
      Map<String, String> authority = new LinkedHashMap<>();
      at = text.indexOf("://") + 3;
      int passwordStart = -1;
      int passwordEnd = -1;
      int credentials = at;
      while (credentials < text.length() && "@/".indexOf(text.charAt(credentials)) < 0) {
        credentials++;
      }
      if (credentials < text.length() && text.charAt(credentials) == '@') {
        String user = until(":@");
        put(authority, "user", user);
        if (text.charAt(at) == ':') {
          passwordStart = at++;
          put(authority, "password", until("@"));
          passwordEnd = at;
        }
        at++;
      }
      hosts(authority);
      if (at < text.length() && text.charAt(at) == '/') {
        at++;
        put(authority, "dbname", until("?"));
      }
      boolean query = at < text.length();
      if (query) {
        at++;
      }
      return new Parts(authority, passwordStart, passwordEnd, query, parameters());
    }

    private void hosts(Map<String, String> authority) {
      List<String> hosts = new ArrayList<>();
      List<String> ports = new ArrayList<>();
      while (true) {
        hosts.add(host());
        ports.add(at < text.length() && text.charAt(at) == ':' ? port() : "");
        if (at >= text.length() || text.charAt(at) != ',') {
          break;
        }
        at++;
      }
      put(authority, "host", String.join(",", hosts));
      put(authority, "port", String.join(",", ports));
    }

    private String host() {
      if (at >= text.length() || text.charAt(at) != '[') {
        return until(":/?,");
      }
      at++;
      String literal = until("]");
      if (at >= text.length() || literal.isEmpty()) {
        throw PrimaryConninfo.malformed("the [ of an IPv6 address has no ]");
      }
      at++;
      if (at < text.length() && ":/?,".indexOf(text.charAt(at)) < 0) {
        throw PrimaryConninfo.malformed("something stands behind the ] of an IPv6 address");
      }
      return literal;
    }

    private String port() {
      at++;
      return until("/?,");
    }

    private List<Parameter> parameters() {
      List<Parameter> parameters = new ArrayList<>();
      while (at < text.length()) {
        int start = at;
        String pair = until("&");
        int equals = pair.indexOf('=');
        if (equals < 0 || pair.indexOf('=', equals + 1) >= 0) {
          throw PrimaryConninfo.malformed("a parameter of the URI is not name=value");
        }
        parameters.add(
            new Parameter(
                decode(pair.substring(0, equals)),
                decode(pair.substring(equals + 1)),
                start,
                start + pair.length()));
        at++;
      }
      return List.copyOf(parameters);
    }

    /** Up to one of these characters, or the end. */
    private String until(String stops) {
      int start = at;
      while (at < text.length() && stops.indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(start, at);
    }

    private static void put(Map<String, String> authority, String keyword, String encoded) {
      if (!encoded.isEmpty()) {
        authority.put(keyword, decode(encoded));
      }
    }

    private static String decode(String encoded) {
      byte[] in = encoded.getBytes(StandardCharsets.UTF_8);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (int i = 0; i < in.length; i++) {
        if (in[i] != '%') {
          bytes.write(in[i]);
          continue;
        }
        int high = i + 1 < in.length ? Character.digit(in[i + 1], 16) : -1;
        int low = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
        if (high < 0 || low < 0 || high + low == 0) {
          throw PrimaryConninfo.malformed("a % of the URI has no two hexadecimal digits behind it");
        }
        bytes.write(high * 16 + low);
        i += 2;
      }
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }
}
