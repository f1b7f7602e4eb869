package dev.pgseal.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.swagger.v3.core.util.Yaml;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.parser.OpenAPIV3Parser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What breaks clients is told in the changelog, by the id of the operation. */
class BreakingChangesTest {

  private static final Path RELEASED = Path.of("openapi", "released.yaml");
  private static final Path NOW = Path.of("openapi", "openapi.yaml");

  /** What a client notices. */
  private record Mutation(String name, String operation, Consumer<OpenAPI> change) {
    @Override
    public String toString() {
      return name;
    }
  }

  @Test
  void whatBreaksClientsOfTheLastReleaseIsInTheChangelog() throws IOException {
    BreakingChanges changes =
        BreakingChanges.between(Files.readString(RELEASED), Files.readString(NOW));

    assertThat(changes.undeclared(unreleased()))
        .as(
            "These operations break clients of the last release: say under [Unreleased] in"
                + " CHANGELOG.md what changes, with the operation's id in backticks.%n%s",
            changes.byOperation())
        .isEmpty();
  }

  static Stream<Arguments> mutations() {
    return Stream.of(
            new Mutation(
                "a removed operation",
                "deleteToken",
                api -> api.getPaths().remove("/v1/tokens/{token}")),
            new Mutation(
                "a new required field of a request",
                "createToken",
                api -> {
                  schema(api, "TokenRequest").addProperty("reason", new StringSchema());
                  schema(api, "TokenRequest").addRequiredItem("reason");
                }),
            new Mutation(
                "a removed field of an answer",
                "listTokens",
                api -> {
                  schema(api, "Token").getProperties().remove("createdBy");
                  schema(api, "Token").getRequired().remove("createdBy");
                }),
            new Mutation(
                "an enum of a request with fewer values",
                "createToken",
                api -> {
                  List<?> values = schema(api, "Role").getEnum();
                  values.remove(values.size() - 1);
                }),
            new Mutation(
                "a field of an answer with another type",
                "listTokens",
                api ->
                    schema(api, "Token")
                        .getProperties()
                        .put("name", new Schema<>().type("integer"))))
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("mutations")
  void aChangeThatBreaksClientsIsFoundUntilItIsDeclared(Mutation mutation) throws IOException {
    String before = Files.readString(NOW);
    OpenAPI api = new OpenAPIV3Parser().readContents(before).getOpenAPI();
    mutation.change().accept(api);

    BreakingChanges changes =
        BreakingChanges.between(before, Yaml.mapper().writeValueAsString(api));

    assertThat(changes.undeclared("")).contains(mutation.operation());
    assertThat(changes.undeclared("- `" + mutation.operation() + "` is another one."))
        .doesNotContain(mutation.operation());
  }

  @Test
  void aNewOptionalFieldBreaksNobody() throws IOException {
    String before = Files.readString(NOW);
    OpenAPI api = new OpenAPIV3Parser().readContents(before).getOpenAPI();
    schema(api, "Token").addProperty("note", new StringSchema());
    schema(api, "TokenRequest").addProperty("note", new StringSchema());

    assertThat(BreakingChanges.between(before, Yaml.mapper().writeValueAsString(api)).byOperation())
        .isEmpty();
  }

  @SuppressWarnings("rawtypes")
  private static Schema schema(OpenAPI api, String name) {
    return api.getComponents().getSchemas().get(name);
  }

  private static String unreleased() throws IOException {
    String changelog = Files.readString(Path.of("CHANGELOG.md"));
    int begin = changelog.indexOf("## [Unreleased]");
    assertThat(begin).as("CHANGELOG.md has a section [Unreleased]").isNotNegative();
    int end = changelog.indexOf("\n## ", begin + 1);
    return changelog.substring(begin, end < 0 ? changelog.length() : end);
  }
}
