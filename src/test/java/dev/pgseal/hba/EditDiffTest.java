package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class EditDiffTest {

  private static final String RULES =
      """
      # a
      host all all all md5
      # b
      # c
      # d
      # e
      # f
      # g
      # h
      host shop app 10.0.0.0/8 ldap ldapserver=l ldapbasedn=b ldapbindpasswd=hush
      """;

  private static HbaConversion.Result enforced(HbaDocument document, ConversionOptions options) {
    return HbaConversion.enforce(document, options);
  }

  @Test
  void itIsWhatADiffOfTheFilesSays() {
    HbaDocument before = Hba.document(RULES);
    HbaConversion.Result result = enforced(before, ConversionOptions.DEFAULT);
    assertThat(EditDiff.unified(before, result.edits()))
        .isEqualTo(HbaDiff.unified(before, result.document()))
        .contains("-host all all all md5", "ldapbindpasswd=********")
        .doesNotContain("hush");
  }

  @Test
  void linesThatAreAddedAreShownWhereTheyAre() {
    HbaDocument before = Hba.document(RULES);
    for (ConversionOptions options :
        new ConversionOptions[] {
          ConversionOptions.DEFAULT.withStrategy(ConversionOptions.Strategy.GUARD),
          ConversionOptions.DEFAULT.withLoopback(ConversionOptions.Loopback.KEEP),
          ConversionOptions.DEFAULT.withGss(ConversionOptions.Gss.KEEP)
        }) {
      HbaConversion.Result result = enforced(before, options);
      assertThat(EditDiff.unified(before, result.edits()))
          .isEqualTo(HbaDiff.unified(before, result.document()));
    }
  }

  @Test
  void itAgreesWithTheDiffOfTheFilesOnGeneratedOnes() {
    RandomGenerator random = OracleScale.random(5);
    for (int i = 0; i < 300; i++) {
      var text = new StringBuilder();
      int lines = 1 + random.nextInt(40);
      for (int line = 0; line < lines; line++) {
        text.append(
            switch (random.nextInt(4)) {
              case 0 -> "host d" + line + " all all md5\n";
              case 1 -> "hostnossl d" + line + " all \\\n  10.0.0.0/8 md5\n";
              case 2 -> "hostssl d" + line + " all all md5\n";
              default -> "# " + line + "\n";
            });
      }
      text.append("hostssl all all all md5\n");
      HbaDocument before = Hba.document(text.toString());
      HbaConversion.Result result = enforced(before, ConversionOptions.DEFAULT);
      assertThat(EditDiff.unified(before, result.edits()))
          .as(text.toString())
          .isEqualTo(HbaDiff.unified(before, result.document()));
    }
  }

  @Test
  void eachFileHasItsOwnPart() {
    Map<String, byte[]> files =
        Map.of(
            "main", "host a a all md5\ninclude other\n".getBytes(StandardCharsets.UTF_8),
            "other", "host b b all md5\n".getBytes(StandardCharsets.UTF_8));
    HbaDocument before = HbaDocument.parse("main", new GivenFiles(files), 16).withEditableTree();
    assertThat(EditDiff.unified(before, enforced(before, ConversionOptions.DEFAULT).edits()))
        .contains("--- main\n", "--- other\n", "+hostssl a a all md5", "+hostssl b b all md5");
  }

  @Test
  void aLongOneEndsAndItsLinesAreCut() {
    HbaDocument before =
        Hba.document("host " + "w,".repeat(300_000) + "w all all md5\n" + "# x\n".repeat(9));
    assertThat(EditDiff.unified(before, enforced(before, ConversionOptions.DEFAULT).edits()))
        .hasSizeLessThan(30_000)
        .contains("…");
  }
}
