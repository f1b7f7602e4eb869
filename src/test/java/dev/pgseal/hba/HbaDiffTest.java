package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HbaDiffTest {

  @Test
  void changedLinesAreShownWithTheirSurroundings() {
    String before = "# a\nhost all all all md5\n";
    HbaDocument enforced =
        HbaConversion.enforce(Hba.document(before), ConversionOptions.DEFAULT).document();
    assertThat(HbaDiff.unified(Hba.document(before), enforced))
        .isEqualTo(
            """
            --- pg_hba.conf
            +++ pg_hba.conf
            @@ -1,2 +1,2 @@
             # a
            -host all all all md5
            +hostssl all all all md5
            """);
  }

  @Test
  void equalBytesHaveNoDifference() {
    byte[] bytes = {1, 2, (byte) 0xff};
    assertThat(HbaDiff.unified(bytes, bytes, "f")).isEmpty();
  }

  @Test
  void aMissingLineEndIsShown() {
    assertThat(HbaDiff.unified("a".getBytes(), "a\n".getBytes(), "f"))
        .contains("No newline at end of file");
  }
}
