package dev.pgseal.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The code that people read is the code that runs. */
class PortalsPageTest {

  private static final Path PAGE = Path.of("docs", "portals.md");
  private static final Path SOURCES = Path.of("src", "test", "typescript");
  private static final Pattern BLOCK =
      Pattern.compile("`([a-z-]+\\.ts)`:\\n\\n```typescript\\n(.*?)```\\n", Pattern.DOTALL);

  @Test
  void theCodeOfThePageIsTheCodeThatTheWalkThroughRuns() throws IOException {
    Map<String, String> shown = new TreeMap<>();
    Matcher block = BLOCK.matcher(Files.readString(PAGE));
    while (block.find()) {
      shown.put(block.group(1), block.group(2));
    }
    Map<String, String> run = new TreeMap<>();
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".ts")).toList()) {
        run.put(file.getFileName().toString(), Files.readString(file));
      }
    }

    assertThat(shown).isNotEmpty().isEqualTo(run);
  }
}
