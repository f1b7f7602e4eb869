package dev.pgseal.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {

  @Test
  void aLineEndsWithCrlfAndPlainCellsStayAsTheyAre() {
    assertThat(Csv.line(List.of("a", "", "b c", "ä;ö"))).isEqualTo("a,,b c,ä;ö\r\n");
  }

  @Test
  void commasQuotesAndLineBreaksAreQuoted() {
    assertThat(Csv.line(List.of("a,b", "say \"hi\"", "two\nlines", "cr\rhere")))
        .isEqualTo("\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\"cr\rhere\"\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"})
  void whatASpreadsheetTakesForAFormulaIsText(String formula) {
    assertThat(Csv.line(List.of(formula)).replace("\"", "")).startsWith("'" + formula);
  }
}
