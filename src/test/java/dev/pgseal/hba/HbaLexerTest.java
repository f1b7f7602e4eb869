package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HbaLexerTest {

  private static List<String> databases(String line) {
    return Hba.rule(line, 16).databases().stream().map(HbaToken::text).toList();
  }

  @Test
  void aCommaGluesOnlyWhatItDirectlyFollows() {
    assertThat(databases("host a, b x all trust")).containsExactly("a", "b");
    assertThat(databases("host a,,b x all trust")).containsExactly("a", "b");
  }

  @Test
  void twoQuotesInsideQuotesAreOne() {
    assertThat(databases("host \"a\"\"b\" x all trust")).containsExactly("a\"b");
  }

  @Test
  void emptyQuotesAreAToken() {
    assertThat(databases("host \"\" \"\" all trust")).containsExactly("");
  }

  @Test
  void aTokenIsQuotedOnlyByAQuoteBeforeItsFirstCharacter() {
    assertThat(Hba.rule("host a\"ll\" x all trust", 16).databases().get(0))
        .isEqualTo(new HbaToken("all", false));
    assertThat(Hba.rule("host \"\"all x all trust", 16).databases().get(0))
        .isEqualTo(new HbaToken("all", true));
    assertThat(Hba.rule("host \"a\"ll x all trust", 16).databases().get(0))
        .isEqualTo(new HbaToken("all", true));
  }

  @Test
  void aBackslashAtTheEndJoinsLinesBeforeAnythingElse() {
    HbaDocument document = Hba.document("local \\\nall all \"tr\\\nust\"\nlocal x x reject\n");
    assertThat(document.rules()).extracting(HbaRule::line).containsExactly(1, 4);
    assertThat(document.rules()).extracting(HbaRule::method).containsExactly("trust", "reject");
  }

  @Test
  void aCommentEndingInABackslashSwallowsTheNextLine() {
    assertThat(Hba.document("# c \\\nlocal all all trust\nlocal all all peer\n").rules())
        .extracting(HbaRule::line)
        .containsExactly(3);
  }

  @Test
  void twoBackslashesAreOneAndAContinuation() {
    HbaDocument document = Hba.document("local a\\\\\nb all trust\n");
    assertThat(document.rules().get(0).databases().get(0).text()).isEqualTo("a\\b");
  }

  @Test
  void aBackslashOnTheLastLineIsDropped() {
    assertThat(Hba.document("local all all trust\\").rules().get(0).method()).isEqualTo("trust");
    assertThat(Hba.document("local all all trust\\\n").rules().get(0).method()).isEqualTo("trust");
  }

  @Test
  void aBackslashBeforeABlankIsNoContinuation() {
    assertThat(Hba.document("local all all trust \\ \nlocal a a trust\n").errors().get(0).message())
        .isEqualTo("authentication option not in name=value format: \\");
  }

  @Test
  void carriageReturnsAreBlanks() {
    HbaDocument document = Hba.document("local\rall all trust\r\nlocal all all peer\r\r\n");
    assertThat(document.rules()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u000b", "\f", "\u00a0"})
  void otherWhiteSpaceIsNot(String space) {
    assertThat(Hba.document("local" + space + "all all trust\n").errors()).hasSize(1);
  }

  @Test
  void behindANulTheRestOfTheLineIsLostAndTheNextGluedOn() {
    HbaDocument document = Hba.document("local a\0b b c d\nlocal x trust\nlocal y y reject\n");
    assertThat(document.rules().get(0).databases().get(0).text()).isEqualTo("alocal");
    assertThat(document.rules()).extracting(HbaRule::line).containsExactly(1, 2);
  }

  @ParameterizedTest
  @CsvSource({
    "14,10239,true",
    "15,10239,true",
    "14,10240,false",
    "15,10240,false",
    "16,10240,true",
  })
  void tokensAreLimitedBefore16(int major, int length, boolean fine) {
    HbaDocument document = Hba.document("local " + "x".repeat(length) + " all trust\n", major);
    assertThat(document.errors().isEmpty()).isEqualTo(fine);
    if (!fine) {
      assertThat(document.errors().get(0).message())
          .isEqualTo("authentication file token too long");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "local all all trust",
        "\r\n\n\r",
        "# only\\\n",
        "host all\u00ff\u00fe all \\\r\nall trust\r\n\0x\nlocal\t all,, all\u00e4 trust#",
      })
  void anUneditedDocumentGivesTheSameBytes(String byteText) {
    byte[] bytes = HbaText.toBytes(byteText);
    for (int major = 14; major <= 18; major++) {
      assertThat(HbaDocument.parse(bytes, major).bytes()).isEqualTo(bytes);
    }
  }
}
