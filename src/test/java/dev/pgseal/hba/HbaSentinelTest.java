package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HbaSentinelTest {

  private static final String FILE = "# head\n\nhost all all all md5\n";

  @Test
  void itIsTheFirstRecord() {
    HbaDocument document = HbaSentinel.put(Hba.document(FILE), 7);
    assertThat(document.rules().get(0).text())
        .startsWith("host pgseal_gen_7 pgseal_probe all reject # pgseal");
    assertThat(HbaSentinel.generation(document)).hasValue(7);
    assertThat(Hba.text(document)).startsWith("# head\n\nhost pgseal").endsWith("all md5\n");
  }

  @Test
  void theNextGenerationTakesItsPlace() {
    HbaDocument seven = HbaSentinel.put(Hba.document(FILE), 7);
    HbaDocument eight = HbaSentinel.put(seven, 8);
    assertThat(Hba.text(eight)).isEqualTo(Hba.text(seven).replace("pgseal_gen_7", "pgseal_gen_8"));
  }

  @Test
  void oneThatWasMovedComesBackToTheTop() {
    HbaDocument moved =
        Hba.document(FILE + "host pgseal_gen_4 pgseal_probe all reject\nlocal all all trust\n");
    HbaDocument put = HbaSentinel.put(moved, 5);
    assertThat(put.rules()).hasSize(3);
    assertThat(put.rules().get(0).text()).contains("pgseal_gen_5");
  }

  @Test
  void removingItGivesTheBytesBack() {
    HbaDocument document = Hba.document(FILE);
    assertThat(HbaSentinel.remove(HbaSentinel.put(document, 1)).bytes())
        .isEqualTo(document.bytes());
    assertThat(HbaSentinel.generation(document)).isEmpty();
  }

  @Test
  void aFileWithoutRecordsGetsIt() {
    assertThat(HbaSentinel.put(Hba.document("# c"), 2).rules()).hasSize(1);
  }

  @Test
  void theProbeIsDecidedByItAlone() {
    HbaDocument document = HbaSentinel.put(Hba.document(FILE), 7);
    HbaDecision decision =
        HbaMatcher.decide(
            document, Hba.plaintext("10.0.0.1", HbaSentinel.database(7), HbaSentinel.USER));
    assertThat(decision).isEqualTo(new HbaDecision.Decided(document.rules().get(0)));
    assertThat(decision.admits()).isFalse();
  }

  @Test
  void itDoesNotComeBetweenARuleAndItsComment() {
    String text = "# head\n\n# for the shop\n# only\nhost shop app all md5\n";
    assertThat(Hba.text(HbaSentinel.put(Hba.document(text), 7)).lines().toList().get(2))
        .startsWith("host pgseal_gen_7");
  }

  @Test
  void itIsNotSwallowedByACommentThatGoesOnOnTheNextLine() {
    String text = "# a \\\n# b\nhost shop app all md5\n";
    HbaDocument put = HbaSentinel.put(Hba.document(text), 7);
    assertThat(put.rules()).hasSize(2);
    assertThat(HbaSentinel.generation(put)).hasValue(7);
    assertThat(Hba.text(HbaSentinel.remove(put))).isEqualTo(text);
  }
}
