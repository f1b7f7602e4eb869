package dev.pgseal.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The {@code pgseal.oidc.*} properties: whose JWTs are taken as bearer tokens, and what they are
 * good for. Those of {@code quarkus.oidc.*} that decide on it are derived from them in {@code
 * application.properties}.
 */
@ConfigMapping(prefix = "pgseal.oidc")
public interface OidcSettings {

  @WithDefault("false")
  boolean enabled();

  /** As in the claim {@code iss}; discovery (OpenID Connect Discovery §4) begins there. */
  Optional<URI> issuer();

  /** One of these must be in the claim {@code aud}. */
  Optional<List<String>> audience();

  /** Where the groups or roles of the caller are, a path with {@code /} between its parts. */
  @WithDefault("groups")
  String rolesClaim();

  /** For each of our roles the values of the roles claim that stand for it. */
  RoleValues roles();

  /** Where the labels are that limit a caller to some servers. Absent: nobody is limited. */
  Optional<String> serverLabelsClaim();

  /** What a caller is known by. It should never be given to another person. */
  @WithDefault("sub")
  String nameClaim();

  /** A JWT that was issued longer ago is refused, whatever it says itself. */
  @WithDefault("PT12H")
  Duration tokenAge();

  /** Values of the roles claim. */
  interface RoleValues {
    Optional<Set<String>> viewer();

    Optional<Set<String>> operator();

    Optional<Set<String>> approver();

    Optional<Set<String>> admin();

    /** All four, empty where nothing is configured. */
    default Map<Role, Set<String>> byRole() {
      Map<Role, Set<String>> values = new EnumMap<>(Role.class);
      values.put(Role.VIEWER, viewer().orElse(Set.of()));
      values.put(Role.OPERATOR, operator().orElse(Set.of()));
      values.put(Role.APPROVER, approver().orElse(Set.of()));
      values.put(Role.ADMIN, admin().orElse(Set.of()));
      return values;
    }
  }
}
