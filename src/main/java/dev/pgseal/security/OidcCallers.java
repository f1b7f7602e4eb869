package dev.pgseal.security;

import dev.pgseal.problem.PgsealException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.SecurityIdentity;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes the caller of a verified JWT: its name is {@code oidc:} and a claim, which no token's name
 * can be; its roles and servers are what the claims say, by {@link OidcSettings}. Roles that the
 * JWT or the framework names otherwise count for nothing.
 */
@ApplicationScoped
class OidcCallers {

  static final String PREFIX = "oidc:";

  /** It is written to logs, jobs and answers. */
  private static final Pattern NAME = Pattern.compile("[^\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]{1,200}");

  private final OidcSettings settings;

  OidcCallers(OidcSettings settings) {
    this.settings = settings;
  }

  /**
   * @param jwt verified by the caller of this method
   * @throws AuthenticationFailedException when it names nobody
   */
  SecurityIdentity of(String jwt) {
    return of(claims(jwt));
  }

  SecurityIdentity of(JsonObject claims) {
    String name = PREFIX + name(claims);
    Set<Role> roles = roles(claims);
    if (roles.isEmpty()) {
      return CallerIdentity.refused(
          name,
          new Refusal(
              "No value of the claim " + settings.rolesClaim() + " stands for a role",
              "pgseal.oidc.roles.* says which values do"));
    }
    Optional<Map<String, String>> labels = labels(claims);
    if (labels.isEmpty() && !roles.contains(Role.ADMIN)) {
      return CallerIdentity.refused(
          name,
          new Refusal(
              "The claim " + settings.serverLabelsClaim().orElse("") + " names no labels",
              "It must have an object of strings, or strings such as env=test"));
    }
    try {
      return CallerIdentity.granted(name, new Grant(roles, labels.orElse(Map.of())));
    } catch (PgsealException e) {
      return CallerIdentity.refused(
          name, new Refusal(e.detail(), "Change the claims, or what they stand for"));
    }
  }

  private static JsonObject claims(String jwt) {
    byte[] payload = Base64.getUrlDecoder().decode(jwt.split("\\.")[1]);
    return new JsonObject(new String(payload, StandardCharsets.UTF_8));
  }

  private String name(JsonObject claims) {
    if (at(claims, settings.nameClaim()) instanceof String name && NAME.matcher(name).matches()) {
      return name;
    }
    throw new AuthenticationFailedException("The claim " + settings.nameClaim() + " names nobody");
  }

  private Set<Role> roles(JsonObject claims) {
    Set<String> values =
        strings(at(claims, settings.rolesClaim())).collect(Collectors.toUnmodifiableSet());
    Set<Role> roles = EnumSet.noneOf(Role.class);
    settings
        .roles()
        .byRole()
        .forEach(
            (role, standing) -> {
              if (standing.stream().anyMatch(values::contains)) {
                roles.add(role);
              }
            });
    return roles;
  }

  /** Empty when labels are asked for and there are none that can be read: nothing is guessed. */
  private Optional<Map<String, String>> labels(JsonObject claims) {
    if (settings.serverLabelsClaim().isEmpty()) {
      return Optional.of(Map.of());
    }
    Object value = at(claims, settings.serverLabelsClaim().get());
    Map<String, String> labels = new HashMap<>();
    if (value instanceof JsonObject object) {
      for (String key : object.fieldNames()) {
        if (!(object.getValue(key) instanceof String label)) {
          return Optional.empty();
        }
        labels.put(key, label);
      }
    } else {
      for (String pair : strings(value).toList()) {
        int equals = pair.indexOf('=');
        String label = pair.substring(equals + 1);
        if (equals < 1 || !label.equals(labels.getOrDefault(pair.substring(0, equals), label))) {
          return Optional.empty();
        }
        labels.put(pair.substring(0, equals), label);
      }
    }
    return labels.isEmpty() ? Optional.empty() : Optional.of(labels);
  }

  /** The whole path may be the name of one claim, such as {@code https://example.org/groups}. */
  private static @Nullable Object at(JsonObject claims, String path) {
    if (claims.containsKey(path)) {
      return claims.getValue(path);
    }
    Object value = claims;
    for (String name : path.split("/")) {
      if (!(value instanceof JsonObject object)) {
        return null;
      }
      value = object.getValue(name);
    }
    return value;
  }

  private static Stream<String> strings(@Nullable Object value) {
    if (value instanceof JsonArray array) {
      return array.stream().filter(String.class::isInstance).map(String.class::cast);
    }
    return value instanceof String one ? Stream.of(one) : Stream.empty();
  }
}
