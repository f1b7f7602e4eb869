package dev.pgseal.posture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GradeTest {

  @ParameterizedTest
  @CsvSource({
    "'', A",
    "RULE_NOTE, A",
    "MD5_PASSWORD, B",
    "MD5_PASSWORD RULE_WARNING RULE_NOTE, B",
    "OLD_PROTOCOL, C",
    "OLD_PROTOCOL DRIFT_RULES MD5_PASSWORD, C",
    "NOT_VISIBLE, C",
    "PLAINTEXT_ADMITTED, D",
    "PLAINTEXT_ADMITTED PLAINTEXT_ADMITTED PLAINTEXT_ADMITTED, D",
    "PLAINTEXT_ADMITTED OLD_PROTOCOL, D",
    "MODE_UNKNOWN NOT_VISIBLE, D",
    "PLAINTEXT_ADMITTED PLAINTEXT_SESSIONS, E",
    "PLAINTEXT_ADMITTED DRIFT_MODE OLD_PROTOCOL, E",
    "TLS_OFF, F",
    "TLS_OFF PLAINTEXT_ADMITTED PLAINTEXT_SESSIONS, F",
    "CERTIFICATE_EXPIRED, F",
    "TRUST_OVER_NETWORK MD5_PASSWORD, F",
    "UNREACHABLE, UNKNOWN",
    "UNREACHABLE TLS_OFF, UNKNOWN",
    "SCAN_FAILED, UNKNOWN",
    "NOT_SCANNED, UNKNOWN"
  })
  void aGradeComesFromTheWorstKindsOfFindings(String codes, Grade grade) {
    assertThat(Grade.of(findings(codes))).isEqualTo(grade);
  }

  private static List<PostureFinding> findings(String codes) {
    return Arrays.stream(codes.split(" "))
        .filter(code -> !code.isEmpty())
        .map(code -> PostureFinding.of(FindingCode.valueOf(code), "so it is", "mend it"))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(FindingCode.class)
  void oneMoreFindingNeverMakesAGradeBetter(FindingCode more) {
    for (FindingCode code : FindingCode.values()) {
      Grade before = Grade.of(findings(code.name()));
      Grade after = Grade.of(findings(code + " " + more));
      assertThat(after).as(code + " and " + more).isGreaterThanOrEqualTo(before);
    }
  }

  @Test
  void theDocumentationHasEachCodeWithItsSeverity() throws Exception {
    Set<String> documented =
        Files.readAllLines(Path.of("docs/posture.md")).stream()
            .filter(line -> line.matches("\\| `[A-Z_0-9]+` \\| [A-Z]+ \\|.*"))
            .map(line -> line.replaceAll("\\| `([A-Z_0-9]+)` \\| ([A-Z]+) \\|.*", "$1 $2"))
            .collect(Collectors.toSet());

    assertThat(documented)
        .isEqualTo(
            Arrays.stream(FindingCode.values())
                .map(code -> code + " " + code.severity())
                .collect(Collectors.toSet()));
  }

  @Test
  void ofManyFindingsOfOneKindTheFirstAreKeptAndTheOthersCounted() {
    List<PostureFinding> many =
        java.util.Collections.nCopies(
            Findings.MOST_OF_A_KIND + 7,
            PostureFinding.of(FindingCode.PLAINTEXT_ADMITTED, "rule", "mend it"));

    List<PostureFinding> kept = Findings.limited(many);

    assertThat(kept).hasSize(Findings.MOST_OF_A_KIND + 1);
    assertThat(kept).anySatisfy(f -> assertThat(f.detail()).isEqualTo("and 7 more of this kind"));
    assertThat(Grade.of(kept)).isEqualTo(Grade.of(many));
  }
}
