package dev.pgseal.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.problem.ProblemType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemPagesTest {

  private static final Path DOCUMENT = Path.of("docs", "problems.md");
  private static final Path MADE = Path.of("target", "problems.md");

  @Test
  void theDocumentHasEveryTypeAsTheCodeDoes() throws IOException {
    Files.writeString(MADE, ProblemPages.markdown());

    assertThat(Files.exists(DOCUMENT) ? Files.readString(DOCUMENT) : "")
        .as("%s is not what the code gives. Then: cp %s %s", DOCUMENT, MADE, DOCUMENT)
        .isEqualTo(ProblemPages.markdown());
  }

  @ParameterizedTest
  @EnumSource
  void aTypeSaysWhatItMeansAndHowToMendItInSentences(ProblemType type) {
    assertThat(type.meaning()).isNotBlank().endsWith(".").isNotEqualTo(type.cure());
    assertThat(type.cure()).isNotBlank().endsWith(".");
  }

  @Test
  void whatLooksLikeMarkupIsShownAsText() {
    assertThat(ProblemPages.html(ProblemType.INTERNAL_ERROR))
        .contains("&quot;make it so&quot;", "<code>requestId</code>")
        .doesNotContain("`");
  }
}
