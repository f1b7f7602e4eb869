package dev.pgseal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ThreatModelTest {

  private static final Pattern NAME = Pattern.compile("`(\\w+(?:Test|IT))`");
  private static final String ATTACKERS = "## Attackers and controls";
  private static final String MISSING = "## Not there yet";

  @Test
  void everyControlNamesATestThatIsThere() throws IOException {
    String page = Files.readString(Path.of("docs/threat-model.md"));
    Set<String> tests = tests();

    List<String> controls =
        page.substring(page.indexOf(ATTACKERS), page.indexOf(MISSING))
            .lines()
            .filter(line -> line.startsWith("| "))
            .filter(line -> !line.startsWith("| threat |"))
            .toList();

    assertThat(controls).hasSizeGreaterThan(40);
    assertThat(controls)
        .allSatisfy(
            control ->
                assertThat(NAME.matcher(control).results().map(ThreatModelTest::name))
                    .isNotEmpty()
                    .isSubsetOf(tests));
  }

  private static String name(MatchResult match) {
    return match.group(1);
  }

  private static Set<String> tests() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .collect(Collectors.toSet());
    }
  }
}
