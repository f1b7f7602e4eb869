package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HbaEditorTest {

  private static final String RULE = "host all all all reject";

  private static String id(HbaDocument document, int index) {
    return document.rules().get(index).id();
  }

  @Test
  void aRuleGoesAboveOrBelowAnotherWithTheFilesLineEnd() {
    HbaDocument document = Hba.document("# c\r\nlocal a a trust\r\nlocal b b trust\r\n");
    assertThat(Hba.text(HbaEditor.insertBefore(document, id(document, 1), RULE)))
        .isEqualTo("# c\r\nlocal a a trust\r\n" + RULE + "\r\nlocal b b trust\r\n");
    assertThat(Hba.text(HbaEditor.insertAfter(document, id(document, 0), RULE)))
        .isEqualTo("# c\r\nlocal a a trust\r\n" + RULE + "\r\nlocal b b trust\r\n");
  }

  @Test
  void theTopIsBelowTheHeaderAndTheGenerationLine() {
    HbaDocument document = HbaSentinel.put(Hba.document("# head\n\nlocal a a trust\n"), 3);
    assertThat(Hba.text(HbaEditor.insertAtTop(document, RULE)).lines().toList())
        .satisfies(lines -> assertThat(lines.get(2)).contains("pgseal_gen_3"))
        .satisfies(lines -> assertThat(lines.get(3)).isEqualTo(RULE));
  }

  @Test
  void atTheEndAMissingLineEndIsAdded() {
    assertThat(Hba.text(HbaEditor.insertAtEnd(Hba.document("local a a trust"), RULE)))
        .isEqualTo("local a a trust\n" + RULE + "\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "local a a trust\\",
        "local a a trust\\\n",
        "local a a trust\n# c \\",
        "local a a trust\\\r\n"
      })
  void aContinuationAtTheEndDoesNotSwallowTheNewRule(String text) {
    HbaDocument document = HbaEditor.insertAtEnd(Hba.document(text), RULE);
    assertThat(document.rules()).extracting(HbaRule::text).endsWith(RULE);
    assertThat(document.rules()).hasSize(2);
    assertThat(Hba.text(document)).startsWith(text);
  }

  @Test
  void anEmptyFileTakesARule() {
    assertThat(Hba.text(HbaEditor.insertAtTop(Hba.document(""), RULE))).isEqualTo(RULE + "\n");
  }

  @Test
  void replacingTouchesOneLogicalLine() {
    HbaDocument document =
        Hba.document("local a a trust\n  host all \\\n all all md5 # x\r\nlocal b b trust");
    assertThat(Hba.text(HbaEditor.replace(document, id(document, 1), RULE + "\n")))
        .isEqualTo("local a a trust\n" + RULE + "\r\nlocal b b trust");
    assertThat(Hba.text(HbaEditor.replace(document, id(document, 2), RULE)))
        .isEqualTo("local a a trust\n  host all \\\n all all md5 # x\r\n" + RULE);
  }

  @Test
  void removingTakesTheWholeLine() {
    HbaDocument document = Hba.document("local a a trust\nlocal \\\n b b trust\n# end");
    assertThat(Hba.text(HbaEditor.remove(document, id(document, 1))))
        .isEqualTo("local a a trust\n# end");
  }

  @Test
  void namesAreWrittenAsUtf8AndForeignBytesStay() {
    HbaDocument document =
        HbaDocument.parse(HbaText.toBytes("# \u00ff\u00fe\nlocal a a trust\n"), 16);
    HbaDocument edited = HbaEditor.insertAtEnd(document, "local \u00fcber all peer");
    assertThat(HbaText.ofBytes(edited.bytes()))
        .isEqualTo("# \u00ff\u00fe\nlocal a a trust\nlocal \u00c3\u00bcber all peer\n");
    assertThat(HbaText.toReadable(edited.rules().get(1).databases().get(0).text()))
        .isEqualTo("\u00fcber");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# comment",
        "host all all all",
        "host all all all reject\nlocal all all trust",
        "host all all all reject\n# more",
        "host all all all reject \\",
        "host all all all reject # note \\",
        "include other.conf",
        "host @dbs all all reject",
        "host all all\0 all reject",
      })
  void whatIsNotExactlyOneRuleIsRefused(String rule) {
    HbaDocument document = Hba.document("local all all trust\n");
    assertThatThrownBy(() -> HbaEditor.insertAtEnd(document, rule))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.HBA_INVALID);
              assertThat(e.members()).containsKeys("line", "column");
            });
  }

  @Test
  void anUnknownRuleIsNotFound() {
    HbaDocument document = Hba.document("local all all trust\n");
    assertThatThrownBy(() -> HbaEditor.remove(document, "nope"))
        .isInstanceOfSatisfying(
            PgsealException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.NOT_FOUND));
  }

  @Test
  void aFileWithNulBytesIsNotEdited() {
    HbaDocument document = Hba.document("local all all trust\n#\0\n");
    assertThatThrownBy(() -> HbaEditor.insertAtEnd(document, RULE))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> assertThat(e.type()).isEqualTo(ProblemType.HBA_NOT_EDITABLE));
  }

  @Test
  void aRuleMovesAsItIs() {
    HbaDocument document =
        Hba.document("local a a trust\n# b\nlocal \\\n b b trust # x\nlocal c c peer");
    assertThat(Hba.text(HbaEditor.moveBefore(document, id(document, 1), id(document, 0))))
        .isEqualTo("local \\\n b b trust # x\nlocal a a trust\n# b\nlocal c c peer");
    assertThat(Hba.text(HbaEditor.moveBefore(document, id(document, 2), id(document, 1))))
        .isEqualTo("local a a trust\n# b\nlocal c c peer\nlocal \\\n b b trust # x\n");
    assertThat(Hba.text(HbaEditor.moveBefore(document, id(document, 0), id(document, 2))))
        .isEqualTo("# b\nlocal \\\n b b trust # x\nlocal a a trust\nlocal c c peer");
    assertThat(HbaEditor.moveBefore(document, id(document, 0), id(document, 1)).rules())
        .extracting(HbaRule::id)
        .containsExactlyElementsOf(document.rules().stream().map(HbaRule::id).toList());
  }

  @Test
  void aRuleBecomesACommentWithAReason() {
    HbaDocument document =
        Hba.document("local a a trust\n  local \\\n b b trust\nlocal c c peer\n");
    HbaDocument edited = HbaEditor.commentOut(document, id(document, 1), "not\nneeded");
    assertThat(Hba.text(edited))
        .isEqualTo("local a a trust\n# not needed:   local \\\n b b trust\nlocal c c peer\n");
    assertThat(edited.rules()).hasSize(2);
  }
}
