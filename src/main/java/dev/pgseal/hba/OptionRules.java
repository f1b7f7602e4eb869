package dev.pgseal.hba;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which option may stand with which method, and its values (hba.c, parse_hba_auth_opt). */
final class OptionRules {

  /** Options of one method alone. */
  private static final Map<String, String> OWNER =
      Map.ofEntries(
          entry("pamservice", "pam"),
          entry("pam_use_hostname", "pam"),
          entry("ldapurl", "ldap"),
          entry("ldaptls", "ldap"),
          entry("ldapscheme", "ldap"),
          entry("ldapserver", "ldap"),
          entry("ldapport", "ldap"),
          entry("ldapbinddn", "ldap"),
          entry("ldapbindpasswd", "ldap"),
          entry("ldapsearchattribute", "ldap"),
          entry("ldapsearchfilter", "ldap"),
          entry("ldapbasedn", "ldap"),
          entry("ldapprefix", "ldap"),
          entry("ldapsuffix", "ldap"),
          entry("compat_realm", "sspi"),
          entry("upn_username", "sspi"));

  private static final Set<String> RADIUS =
      Set.of("radiusservers", "radiusports", "radiussecrets", "radiusidentifiers");
  private static final Set<String> OAUTH =
      Set.of("issuer", "scope", "validator", "delegate_ident_mapping");

  private final HbaDialect dialect;

  OptionRules(HbaDialect dialect) {
    this.dialect = dialect;
  }

  void check(FieldCursor cursor, HbaOption option, ConnectionType type, String method)
      throws RecordError {
    String name = option.name();
    switch (name) {
      case "map" -> map(cursor, method);
      case "clientcert" -> clientCert(cursor, option.value(), type, method);
      case "clientname" -> clientName(cursor, option.value(), type);
      case "krb_realm", "include_realm" ->
          only(cursor, name, method, Set.of("gss", "sspi"), "gssapi and sspi");
      default -> ofOneMethod(cursor, option, method);
    }
  }

  private void map(FieldCursor cursor, String method) throws RecordError {
    boolean oauth = dialect.major() >= 18;
    Set<String> methods =
        oauth
            ? Set.of("ident", "peer", "gss", "sspi", "cert", "oauth")
            : Set.of("ident", "peer", "gss", "sspi", "cert");
    String words =
        oauth
            ? "ident, peer, gssapi, sspi, cert, and oauth"
            : "ident, peer, gssapi, sspi, and cert";
    only(cursor, "map", method, methods, words);
  }

  private static void clientCert(
      FieldCursor cursor, String value, ConnectionType type, String method) throws RecordError {
    if (type != ConnectionType.HOSTSSL) {
      throw cursor.error("clientcert can only be configured for \"hostssl\" rows");
    }
    if (value.equals("verify-ca") && method.equals("cert")) {
      throw cursor.error(
          "clientcert only accepts \"verify-full\" when using \"cert\" authentication",
          "clientcert can only be set to \"verify-full\" when using \"cert\" authentication");
    }
    if (!value.equals("verify-full") && !value.equals("verify-ca")) {
      throw cursor.silentError("invalid value for clientcert: \"" + value + "\"");
    }
  }

  private static void clientName(FieldCursor cursor, String value, ConnectionType type)
      throws RecordError {
    if (type != ConnectionType.HOSTSSL) {
      throw cursor.error("clientname can only be configured for \"hostssl\" rows");
    }
    if (!value.equals("CN") && !value.equals("DN")) {
      throw cursor.silentError("invalid value for clientname: \"" + value + "\"");
    }
  }

  private void ofOneMethod(FieldCursor cursor, HbaOption option, String method) throws RecordError {
    String name = option.name();
    String owner = OWNER.get(name);
    if (owner == null && RADIUS.contains(name) && dialect.major() <= 18) {
      owner = "radius";
    }
    if (owner == null && OAUTH.contains(name) && dialect.major() >= 18) {
      owner = "oauth";
    }
    if (owner == null) {
      throw cursor.error("unrecognized authentication option name: \"" + name + "\"");
    }
    only(cursor, name, method, Set.of(owner), owner);
    if (owner.equals("ldap")) {
      LdapOptions.checkValue(cursor, option);
    } else if (owner.equals("radius")) {
      RadiusOptions.checkValue(cursor, option);
    }
  }

  private static void only(
      FieldCursor cursor, String name, String method, Set<String> methods, String words)
      throws RecordError {
    if (!methods.contains(method)) {
      throw cursor.error(
          "authentication option \""
              + name
              + "\" is only valid for authentication methods "
              + words);
    }
  }

  /** What must or must not come together, once all options are known. */
  void checkTogether(FieldCursor cursor, String method, List<HbaOption> options)
      throws RecordError {
    switch (method) {
      case "ldap" -> LdapOptions.checkTogether(cursor, options, dialect);
      case "radius" -> RadiusOptions.checkTogether(cursor, options);
      case "oauth" -> oauth(cursor, options);
      default -> {
        // the other methods need nothing
      }
    }
  }

  private void oauth(FieldCursor cursor, List<HbaOption> options) throws RecordError {
    require(cursor, options, "scope", "oauth");
    require(cursor, options, "issuer", "oauth");
    Set<String> libraries = dialect.oauthValidators();
    if (libraries != null) {
      oauthValidator(cursor, options, libraries);
    }
    boolean delegates = lastValue(options, "delegate_ident_mapping").equals(Optional.of("1"));
    if (delegates && lastValue(options, "map").isPresent()) {
      throw cursor.error("map cannot be used in combination with delegate_ident_mapping");
    }
  }

  private static void oauthValidator(
      FieldCursor cursor, List<HbaOption> options, Set<String> libraries) throws RecordError {
    if (libraries.isEmpty()) {
      throw cursor.error("oauth_validator_libraries must be set for authentication method oauth");
    }
    var validator = lastValue(options, "validator");
    if (validator.isEmpty() && libraries.size() > 1) {
      throw cursor.error(
          "authentication method \"oauth\" requires argument \"validator\" to be set when"
              + " oauth_validator_libraries contains multiple options");
    }
    if (validator.isPresent() && !libraries.contains(validator.get())) {
      throw cursor.error(
          "validator \"" + validator.get() + "\" is not permitted by oauth_validator_libraries");
    }
  }

  static void require(FieldCursor cursor, List<HbaOption> options, String name, String method)
      throws RecordError {
    if (lastValue(options, name).isEmpty()) {
      throw cursor.error(
          "authentication method \"" + method + "\" requires argument \"" + name + "\" to be set");
    }
  }

  static Optional<String> lastValue(List<HbaOption> options, String name) {
    return options.stream()
        .filter(option -> option.name().equals(name))
        .map(HbaOption::value)
        .reduce((earlier, later) -> later);
  }
}
