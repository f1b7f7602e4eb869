package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HbaTreeTest {

  private static final String MAIN = "/etc/pg/pg_hba.conf";

  /** Files by absolute path. */
  private record Tree(Map<String, String> files) implements HbaFileReader {

    @Override
    public byte @Nullable [] read(String path) {
      String content = files.get(path);
      return content == null ? null : HbaText.toBytes(content);
    }

    @Override
    public @Nullable List<String> list(String directory) {
      List<String> names =
          files.keySet().stream()
              .filter(path -> path.startsWith(directory + "/"))
              .map(path -> path.substring(directory.length() + 1))
              .filter(name -> !name.contains("/"))
              .toList();
      return names.isEmpty() ? null : names;
    }
  }

  private static HbaDocument parse(int major, String... pathsAndTexts) {
    var files = new java.util.HashMap<String, String>();
    for (int i = 0; i < pathsAndTexts.length; i += 2) {
      files.put(pathsAndTexts[i], pathsAndTexts[i + 1]);
    }
    return HbaDocument.parse(MAIN, new Tree(files), major);
  }

  @Test
  void includedRulesComeInWhereTheyAreNamed() {
    HbaDocument document =
        parse(
            16,
            MAIN,
            "local a a trust\n"
                + "include sub/b.conf\n"
                + "include_if_exists nosuch\n"
                + "include_dir d\n"
                + "local z z trust\n",
            "/etc/pg/sub/b.conf",
            "local b b trust\ninclude ../c.conf\n",
            "/etc/pg/c.conf",
            "local c c trust\n",
            "/etc/pg/d/10.conf",
            "local ten ten trust\n",
            "/etc/pg/d/2.conf",
            "local two two trust\n",
            "/etc/pg/d/.x.conf",
            "garbage",
            "/etc/pg/d/README",
            "garbage");
    assertThat(document.rules())
        .extracting(HbaRule::place)
        .containsExactly(
            MAIN + ":1",
            "/etc/pg/sub/b.conf:1",
            "/etc/pg/c.conf:1",
            "/etc/pg/d/10.conf:1",
            "/etc/pg/d/2.conf:1",
            MAIN + ":5");
    assertThat(document.includes()).hasSize(4);
    assertThat(document.files()).hasSize(5);
    assertThat(document.refused()).isFalse();
  }

  @Test
  void namesOfAFileComeIntoTheList() {
    HbaDocument document =
        parse(
            14,
            MAIN,
            "host a,@names all all reject\n",
            "/etc/pg/names",
            "b, \"c d\"\n# x\n@more",
            "/etc/pg/more",
            "e");
    assertThat(document.rules().get(0).databases())
        .extracting(HbaToken::text)
        .containsExactly("a", "b", "c d", "e");
  }

  @Test
  void anEmptyFileMakesItsFieldVanish() {
    HbaDocument document =
        parse(16, MAIN, "local @empty all all trust\n", "/etc/pg/empty", "# nothing\n");
    assertThat(document.rules().get(0).databases().get(0).text()).isEqualTo("all");
  }

  @Test
  void aMissingFileIsAnErrorInTheWordsOfTheMajor() {
    assertThat(parse(15, MAIN, "local @x all trust\n").errors().get(0).message())
        .isEqualTo(
            "could not open secondary authentication file \"@x\" as \"/etc/pg/x\":"
                + " No such file or directory");
    assertThat(parse(16, MAIN, "local @x all trust\n").errors().get(0).message())
        .isEqualTo("could not open file \"/etc/pg/x\": No such file or directory");
    assertThat(parse(16, MAIN, "include_dir x\n").errors().get(0).message())
        .isEqualTo("could not open directory \"/etc/pg/x\"");
  }

  @Test
  void aFileThatIncludesItselfIsElevenCopiesAndAnError() {
    HbaDocument document = parse(16, MAIN, "local a a trust\ninclude pg_hba.conf\n");
    assertThat(document.rules()).hasSize(11);
    assertThat(document.rules()).extracting(HbaRule::id).doesNotHaveDuplicates();
    assertThat(document.errors().get(0).message())
        .isEqualTo("could not open file \"" + MAIN + "\": maximum nesting depth exceeded");
  }

  @ParameterizedTest
  @ValueSource(ints = {14, 15})
  void aListThatIncludesItselfWouldKillThePostmasterAndIsAnErrorHere(int major) {
    HbaDocument document = parse(major, MAIN, "local @pg_hba.conf all trust\n");
    assertThat(document.refused()).isTrue();
    assertThat(HbaLint.lint(document, LintOptions.UNKNOWN_SERVER))
        .extracting(LintFinding::code)
        .contains(LintCode.SELF_INCLUDE);
    HbaDocument around =
        parse(major, MAIN, "local @a all trust\n", "/etc/pg/a", "@b", "/etc/pg/b", "@a");
    assertThat(around.refused()).isTrue();
  }

  @Test
  void aTreeThatGrowsWithoutEndIsGivenUp() {
    String many = "@m @m @m @m @m @m @m @m @m @m\n".repeat(10);
    assertThatThrownBy(() -> parse(16, MAIN, "local @m all trust\n", "/etc/pg/m", "x\n" + many))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> assertThat(e.type()).isEqualTo(ProblemType.PAYLOAD_TOO_LARGE));
  }

  @Test
  void includedRulesAreConvertedOnlyWhenTheTreeMayBeEdited() {
    HbaDocument document =
        parse(16, MAIN, "local a a trust\ninclude b\n", "/etc/pg/b", "host b b all md5\n");
    assertThatThrownBy(() -> HbaConversion.enforce(document, ConversionOptions.DEFAULT))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.HBA_NOT_EDITABLE);
              assertThat(e.members()).containsEntry("file", "/etc/pg/b");
            });
    HbaConversion.Result result =
        HbaConversion.enforce(document.withEditableTree(), ConversionOptions.DEFAULT);
    Map<String, byte[]> changed = result.document().changedFiles(document);
    assertThat(changed).containsOnlyKeys("/etc/pg/b");
    assertThat(HbaText.ofBytes(changed.get("/etc/pg/b"))).isEqualTo("hostssl b b all md5\n");
    assertThat(HbaProof.plaintextDoors(result.document(), ProofOptions.STRICT)).isEmpty();
    HbaConversion.Relaxed back = HbaConversion.relax(result.document(), result.edits());
    assertThat(back.document().changedFiles(document)).isEmpty();
  }

  @Test
  void aFileIncludedTwiceIsEditedOnce() {
    HbaDocument document =
        parse(
                16,
                MAIN,
                "include b\nlocal x x trust\ninclude b\n",
                "/etc/pg/b",
                "host b b all md5\n")
            .withEditableTree();
    HbaConversion.Result result = HbaConversion.enforce(document, ConversionOptions.DEFAULT);
    assertThat(result.edits()).hasSize(1);
    assertThat(HbaText.ofBytes(result.document().bytes("/etc/pg/b")))
        .isEqualTo("hostssl b b all md5\n");
  }
}
