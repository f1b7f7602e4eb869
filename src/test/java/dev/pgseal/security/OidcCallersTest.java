package dev.pgseal.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OidcCallersTest {

  private final JsonObject claims =
      new JsonObject()
          .put("sub", "7f3a")
          .put("groups", new JsonArray().add("staff").add("dba").add(7))
          .put("realm_access", new JsonObject().put("roles", new JsonArray().add("board")))
          .put("https://example.org/groups", "board");

  private static OidcSettings settings(String... more) {
    Map<String, String> properties = new HashMap<>();
    properties.put("pgseal.oidc.enabled", "true");
    properties.put("pgseal.oidc.issuer", "https://id.example.org");
    properties.put("pgseal.oidc.audience", "pgseal");
    properties.put("pgseal.oidc.roles.operator", "dba");
    properties.put("pgseal.oidc.roles.approver", "board");
    properties.put("pgseal.oidc.roles.admin", "owners");
    for (int i = 0; i < more.length; i += 2) {
      properties.put("pgseal.oidc." + more[i], more[i + 1]);
    }
    return new SmallRyeConfigBuilder()
        .withMapping(OidcSettings.class)
        .withSources(new PropertiesConfigSource(properties, "test", 100))
        .build()
        .getConfigMapping(OidcSettings.class);
  }

  private SecurityIdentity caller(String... more) {
    return new OidcCallers(settings(more)).of(claims);
  }

  private static Grant grant(SecurityIdentity identity) {
    return identity.getAttribute(Grant.ATTRIBUTE);
  }

  @Test
  void aGroupStandsForARole() {
    assertThat(caller().getPrincipal().getName()).isEqualTo("oidc:7f3a");
    assertThat(grant(caller())).isEqualTo(new Grant(Set.of(Role.OPERATOR), Map.of()));
    assertThat(caller().getRoles()).containsExactlyInAnyOrder("operator", "viewer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"realm_access/roles", "https://example.org/groups"})
  void theClaimCanBeInsideAnotherOneOrHaveSlashesInItsName(String path) {
    assertThat(grant(caller("roles-claim", path)).roles()).containsExactly(Role.APPROVER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "sub/x", "groups/0", "realm_access"})
  void aClaimThatIsNotThereIsNoRole(String path) {
    SecurityIdentity identity = caller("roles-claim", path);

    assertThat(identity.getRoles()).isEmpty();
    assertThat(grant(identity)).isNull();
    assertThat(identity.<Refusal>getAttribute(Refusal.ATTRIBUTE).detail()).contains(path);
  }

  @Test
  void labelsAreAnObjectOrPairs() {
    for (Object labels :
        List.of(
            new JsonObject().put("env", "test").put("team", "a=b"),
            new JsonArray().add("env=test").add("team=a=b"))) {
      claims.put("labels", labels);
      assertThat(grant(caller("server-labels-claim", "labels")).serverLabels())
          .isEqualTo(Map.of("env", "test", "team", "a=b"));
    }
  }

  @Test
  void labelsThatCannotBeReadAreNotGuessed() {
    for (Object labels :
        List.of(
            new JsonObject(),
            new JsonObject().put("env", 1),
            new JsonArray().add("env"),
            new JsonArray().add("=test"),
            new JsonArray().add("env=test").add("env=prod"),
            7)) {
      claims.put("labels", labels);
      assertThat(grant(caller("server-labels-claim", "labels"))).as("%s", labels).isNull();
    }
    assertThat(grant(caller("server-labels-claim", "none"))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\nb", "a\u202eb", "a\u2028b"})
  void aNameThatCannotBeWrittenDownIsNobody(String name) {
    claims.put("sub", name);

    assertThatThrownBy(this::caller).isInstanceOf(AuthenticationFailedException.class);
  }

  @Test
  void settingsThatLetInTheWrongOnesAreRefusedAtTheStart() {
    assertThatCode(() -> StartChecks.requireSafe(settings())).doesNotThrowAnyException();
    assertThatThrownBy(() -> StartChecks.requireSafe(settings("issuer", "http://id.example.org")))
        .hasMessageContaining("https");
    assertThatThrownBy(() -> StartChecks.requireSafe(settings("issuer", "any")))
        .hasMessageContaining("pgseal.oidc.issuer");
    for (String audience : List.of("", "any")) {
      assertThatThrownBy(() -> StartChecks.requireSafe(settings("audience", audience)))
          .hasMessageContaining("pgseal.oidc.audience");
    }
    assertThatThrownBy(
            () ->
                StartChecks.requireSafe(
                    settings("roles.operator", "", "roles.approver", "", "roles.admin", "")))
        .hasMessageContaining("pgseal.oidc.roles");
  }
}
