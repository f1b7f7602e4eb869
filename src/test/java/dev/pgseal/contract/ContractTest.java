package dev.pgseal.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That the measure measures: each of these answers is wrong in one way. */
class ContractTest {

  private static final String TOKEN =
      """
      {"name": "a", "roles": ["VIEWER"], "serverLabels": {}, "createdBy": "b",
       "createdAt": "2027-01-01T00:00:00Z"%s}""";

  private final Contract contract = Contract.committed();

  @Test
  void anAnswerAsTheDocumentHasItIsNoFault() {
    assertThat(tokens(TOKEN.formatted(""))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"createdBy\": \"b\" | \"createdBy\": 5",
        "\"createdBy\": \"b\", | ''",
        "[\"VIEWER\"] | [\"KING\"]",
        "2027-01-01T00:00:00Z | yesterday",
        "\"name\": \"a\" | \"name\": \"a\", \"hash\": \"c\""
      })
  void aFieldThatIsWrongMissingOrUnknownIsAFault(String right, String wrong) {
    String token = TOKEN.formatted("").replaceAll("\\s+", " ").replace(right, wrong);

    assertThat(token).isNotEqualTo(TOKEN.formatted("").replaceAll("\\s+", " "));
    assertThat(tokens(token)).isNotEmpty();
  }

  @Test
  void anUnknownStatusOrMediaTypeIsAFault() {
    ContractOperation operation = contract.operation("listTokens");

    assertThat(new Answer(418, "application/problem+json", "{}").faults(contract, operation))
        .isNotEmpty();
    assertThat(new Answer(200, "text/html", "").faults(contract, operation)).isNotEmpty();
    assertThat(new Answer(404, "text/html", "").faultsAsProblem(contract)).isNotEmpty();
  }

  @Test
  void ofTwoPathsThatFitTheOneWithTheVerbIsMeant() {
    assertThat(contract.find("POST", "/v1/jobs/x%3Acancel").orElseThrow().id())
        .isEqualTo("cancelJob");
    assertThat(contract.find("GET", "/v1/jobs/x").orElseThrow().id()).isEqualTo("getJob");
    assertThat(contract.find("GET", "/v1/nothing")).isEmpty();
  }

  private java.util.List<String> tokens(String token) {
    return new Answer(200, "application/json;charset=UTF-8", "{\"tokens\": [" + token + "]}")
        .faults(contract, contract.operation("listTokens"));
  }
}
