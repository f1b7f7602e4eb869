package dev.pgseal.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract under the rules of {@code openapi/.spectral.yaml}. */
class ContractLintIT {

  private static final Path CONTRACT = Path.of("openapi", "openapi.yaml");
  private static final Path RULES = Path.of("openapi", ".spectral.yaml");

  @TempDir Path directory;

  @BeforeEach
  void npm() {
    NpmTools.require();
  }

  @Test
  void theContractKeepsTheRules() {
    NpmTools.Result result = lint(CONTRACT);

    assertThat(result.exitCode()).as(result.output()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "operationId: listServers, operationId: servers_all, pgseal-operation-id",
    "nextPageToken:, next_page_token:, pgseal-field-names",
    "- ENFORCED, - enforced, pgseal-enums",
    "application/problem+json:, application/json:, pgseal-problems",
    "x-roles:, x-allowed:, pgseal-roles"
  })
  void aContractThatBreaksARuleIsRefused(String right, String wrong, String rule)
      throws IOException {
    String text = Files.readString(CONTRACT);
    Path broken = directory.resolve("openapi.yaml");
    Files.writeString(broken, text.replaceFirst(right.replace("+", "\\+"), wrong));

    NpmTools.Result result = lint(broken);

    assertThat(result.exitCode()).isNotZero();
    assertThat(result.output()).contains(rule);
  }

  private static NpmTools.Result lint(Path contract) {
    return NpmTools.run(
        Map.of(),
        "node_modules/.bin/spectral",
        "lint",
        "--ruleset",
        RULES.toAbsolutePath().toString(),
        "--fail-severity=warn",
        contract.toAbsolutePath().toString());
  }
}
