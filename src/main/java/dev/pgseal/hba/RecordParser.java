package dev.pgseal.hba;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The grammar of one record (hba.c, parse_hba_line), in its order of checks. */
final class RecordParser {

  /** The parts of a record that depend on its words alone. */
  record Parts(
      ConnectionType type,
      List<HbaToken> databases,
      List<HbaToken> users,
      @Nullable HbaAddress address,
      String method,
      List<HbaOption> options,
      @Nullable String cannotMatch) {}

  private final HbaDialect dialect;
  private final AddressParser addresses;
  private final OptionRules optionRules;

  RecordParser(HbaDialect dialect) {
    this.dialect = dialect;
    this.addresses = new AddressParser(dialect);
    this.optionRules = new OptionRules(dialect);
  }

  Parts parse(List<Field> fields, int lineLength) throws RecordError {
    var cursor = new FieldCursor(fields, lineLength);
    ConnectionType type = type(cursor);
    List<HbaToken> databases = names(cursor, "database specification");
    List<HbaToken> users = names(cursor, "role specification");
    HbaAddress address = type == ConnectionType.LOCAL ? null : addresses.parse(cursor);
    String method = method(cursor, type);
    List<HbaOption> options = new ArrayList<>(2);
    while (cursor.hasNext()) {
      for (HbaToken token : cursor.next("option").tokens()) {
        options.add(option(cursor, token, type, method));
      }
    }
    optionRules.checkTogether(cursor, method, options);
    return new Parts(type, databases, users, address, method, options, cursor.warning());
  }

  private ConnectionType type(FieldCursor cursor) throws RecordError {
    HbaToken token = cursor.single("connection type", "connection type");
    ConnectionType type =
        ConnectionType.of(token.text())
            .orElseThrow(() -> cursor.error("invalid connection type \"" + token.text() + "\""));
    if (type == ConnectionType.HOSTSSL && !dialect.sslEnabled()) {
      cursor.warn("hostssl record cannot match because SSL is disabled");
    }
    if (type == ConnectionType.HOSTGSSENC && !dialect.gssapi()) {
      cursor.warn("hostgssenc record cannot match because GSSAPI is not supported by this build");
    }
    return type;
  }

  private List<HbaToken> names(FieldCursor cursor, String what) throws RecordError {
    List<HbaToken> tokens = cursor.next(what).tokens();
    for (HbaToken token : tokens) {
      if (token.isRegex(dialect)) {
        String pattern = token.text().substring(1);
        String fault = PostgresRegex.compile(pattern).fault();
        if (fault != null) {
          throw cursor.error("invalid regular expression \"" + pattern + "\": " + fault);
        }
      }
    }
    return tokens;
  }

  private String method(FieldCursor cursor, ConnectionType type) throws RecordError {
    String word = cursor.single("authentication method", "authentication type").text();
    if (!dialect.knowsMethod(word)) {
      throw cursor.error("invalid authentication method \"" + word + "\"");
    }
    if (!dialect.methods().contains(word)) {
      throw cursor.error(
          "invalid authentication method \"" + word + "\": not supported by this build");
    }
    String method = type == ConnectionType.LOCAL && word.equals("ident") ? "peer" : word;
    if (type == ConnectionType.LOCAL && method.equals("gss")) {
      throw cursor.error("gssapi authentication is not supported on local sockets");
    }
    if (type != ConnectionType.LOCAL && method.equals("peer")) {
      throw cursor.error("peer authentication is only supported on local sockets");
    }
    if (type != ConnectionType.HOSTSSL && method.equals("cert")) {
      throw cursor.error("cert authentication is only supported on hostssl connections");
    }
    return method;
  }

  private HbaOption option(FieldCursor cursor, HbaToken token, ConnectionType type, String method)
      throws RecordError {
    int equals = token.text().indexOf('=');
    if (equals < 0) {
      throw cursor.error("authentication option not in name=value format: " + token.text());
    }
    var option =
        new HbaOption(token.text().substring(0, equals), token.text().substring(equals + 1));
    optionRules.check(cursor, option, type, method);
    return option;
  }
}
