package dev.pgseal.hba;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of a server decides how it reads its pg_hba.conf.
 *
 * @param major PostgreSQL's major version, 14 or later
 * @param sslEnabled the setting {@code ssl}: without it {@code hostssl} records load but never
 *     match
 * @param gssapi built with GSSAPI: without it {@code hostgssenc} records load but never match
 * @param methods authentication methods of the build; naming another is an error
 * @param oauthValidators elements of {@code oauth_validator_libraries} (18+), or null when unknown:
 *     then any validator is taken
 * @param interfaceNames network interfaces that may follow {@code %} in a link-local address
 */
public record HbaDialect(
    int major,
    boolean sslEnabled,
    boolean gssapi,
    Set<String> methods,
    @Nullable Set<String> oauthValidators,
    Set<String> interfaceNames) {

  private static final Set<String> ALWAYS =
      Set.of("trust", "ident", "peer", "password", "reject", "md5", "scram-sha-256", "cert");
  private static final Set<String> BY_BUILD = Set.of("gss", "sspi", "pam", "bsd", "ldap");

  public HbaDialect {
    if (major < 14) {
      throw new IllegalArgumentException("PostgreSQL " + major + " is older than 14");
    }
    methods = Set.copyOf(methods);
    oauthValidators = oauthValidators == null ? null : Set.copyOf(oauthValidators);
    interfaceNames = Set.copyOf(interfaceNames);
  }

  /** A server of that major with {@code ssl} on that was built with every method. */
  public static HbaDialect of(int major) {
    var all = new java.util.HashSet<>(ALWAYS);
    all.addAll(BY_BUILD);
    all.addAll(added(major));
    return new HbaDialect(major, true, true, all, null, Set.of("lo"));
  }

  /** The same server built without GSSAPI, SSPI, PAM, BSD authentication and LDAP. */
  public HbaDialect withoutOptionalMethods() {
    var few = new java.util.HashSet<>(ALWAYS);
    few.addAll(added(major));
    return new HbaDialect(major, sslEnabled, false, few, oauthValidators, interfaceNames);
  }

  public HbaDialect withSsl(boolean enabled) {
    return new HbaDialect(major, enabled, gssapi, methods, oauthValidators, interfaceNames);
  }

  public HbaDialect withoutGssapi() {
    var others = new java.util.HashSet<>(methods);
    others.remove("gss");
    return withMethods(others);
  }

  public HbaDialect withMethods(Set<String> supported) {
    return new HbaDialect(
        major, sslEnabled, supported.contains("gss"), supported, oauthValidators, interfaceNames);
  }

  public HbaDialect withOauthValidators(Set<String> libraries) {
    return new HbaDialect(major, sslEnabled, gssapi, methods, libraries, interfaceNames);
  }

  /** Whether the word names a method of this major at all, built in or not. */
  boolean knowsMethod(String word) {
    return ALWAYS.contains(word) || BY_BUILD.contains(word) || added(major).contains(word);
  }

  /** {@code include} records and regular expressions came with 16. */
  boolean hasIncludesAndRegexes() {
    return major >= 16;
  }

  /** CR is a blank up to 18 (hba.c, pg_isblank). */
  boolean isBlank(char c) {
    return c == ' ' || c == '\t' || (c == '\r' && major < 19);
  }

  /** Longest token in bytes (hba.c, MAX_TOKEN since 14.9 and 15.4), or no limit. */
  int maxToken() {
    return major < 16 ? 10239 : Integer.MAX_VALUE;
  }

  private static Set<String> added(int major) {
    if (major < 18) {
      return Set.of("radius");
    }
    return major == 18 ? Set.of("radius", "oauth") : Set.of("oauth");
  }
}
