package dev.pgseal.hba;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Values and combinations of the ldap method's options (hba.c; OpenLDAP's ldap_url_parse). */
final class LdapOptions {

  private static final Set<String> SEARCH =
      Set.of(
          "ldapbasedn", "ldapbinddn", "ldapbindpasswd", "ldapsearchattribute", "ldapsearchfilter");

  private LdapOptions() {}

  static void checkValue(FieldCursor cursor, HbaOption option) throws RecordError {
    String value = option.value();
    if (option.name().equals("ldapport") && !isNumber(value)) {
      throw cursor.error("invalid LDAP port number: \"" + value + "\"");
    }
    if (option.name().equals("ldapurl")) {
      String scheme = value.contains("://") ? value.substring(0, value.indexOf("://")) : "";
      if (scheme.equals("ldapi") || scheme.equals("cldap")) {
        throw cursor.error("unsupported LDAP URL scheme: " + scheme);
      }
      if (!scheme.equalsIgnoreCase("ldap") && !scheme.equalsIgnoreCase("ldaps")) {
        throw cursor.error(
            "could not parse LDAP URL \"" + value + "\": Bad parameter to an ldap routine");
      }
    }
  }

  /** atoi(value) != 0. */
  static boolean isNumber(String value) {
    return value.matches("[ \\t\\n\\x0B\\f\\r]*[+-]?0*[1-9].*");
  }

  static void checkTogether(FieldCursor cursor, List<HbaOption> options, HbaDialect dialect)
      throws RecordError {
    List<String> set = names(options);
    boolean simpleBind = set.contains("ldapprefix") || set.contains("ldapsuffix");
    if (simpleBind && set.stream().anyMatch(SEARCH::contains)) {
      throw cursor.error(
          dialect.major() >= 18
              ? "cannot mix options for simple bind and search+bind modes"
              : "cannot use ldapbasedn, ldapbinddn, ldapbindpasswd, ldapsearchattribute,"
                  + " ldapsearchfilter, or ldapurl together with ldapprefix");
    }
    if (!simpleBind && !set.contains("ldapbasedn")) {
      throw cursor.error(
          "authentication method \"ldap\" requires argument \"ldapbasedn\", \"ldapprefix\", or"
              + " \"ldapsuffix\" to be set");
    }
    if (set.contains("ldapsearchattribute") && set.contains("ldapsearchfilter")) {
      throw cursor.error("cannot use ldapsearchattribute together with ldapsearchfilter");
    }
  }

  /** The options that end up set: a URL sets some of the others. */
  private static List<String> names(List<HbaOption> options) {
    var names = new ArrayList<String>();
    for (HbaOption option : options) {
      names.add(option.name());
      if (option.name().equals("ldapurl")) {
        names.addAll(ofUrl(option.value()));
      }
    }
    return names;
  }

  /** {@code scheme://host/dn?attributes?scope?filter}; an empty dn counts as given. */
  private static List<String> ofUrl(String url) {
    var names = new ArrayList<String>();
    String rest = url.substring(url.indexOf("://") + 3);
    int slash = rest.indexOf('/');
    String[] parts = slash < 0 ? new String[0] : rest.substring(slash + 1).split("\\?", -1);
    names.add("ldapbasedn");
    if (parts.length > 1 && !parts[1].isEmpty()) {
      names.add("ldapsearchattribute");
    }
    if (parts.length > 3 && !parts[3].isEmpty()) {
      names.add("ldapsearchfilter");
    }
    return names;
  }
}
