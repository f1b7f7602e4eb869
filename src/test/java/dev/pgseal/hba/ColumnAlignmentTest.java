package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ColumnAlignmentTest {

  private static final String ALIGNED =
      """
      # TYPE  DATABASE        USER            ADDRESS                 METHOD

      local   all             all                                     peer
      # IPv4 local connections:
      host    all             all             127.0.0.1/32            scram-sha-256

      host all all 10.0.0.0/8 md5
      host shop app 10.1.0.0/16 md5
      """;

  @Test
  void anInsertedRuleTakesTheColumnsOfItsNeighbours() {
    HbaDocument document = Hba.document(ALIGNED);

    assertThat(inserted(document, 0, "hostssl shop app 10.0.0.0/8 cert map=m # why"))
        .isEqualTo(
            "hostssl shop            app             10.0.0.0/8              cert map=m # why");
    assertThat(inserted(document, 0, "local shop app peer"))
        .isEqualTo("local   shop            app                                     peer");
  }

  @Test
  void aWordThatIsTooLongForItsColumnIsFollowedByOneBlank() {
    assertThat(inserted(Hba.document(ALIGNED), 0, "host a_database_with_a_name app 10.0.0.0/8 md5"))
        .isEqualTo("host    a_database_with_a_name app      10.0.0.0/8              md5");
  }

  @Test
  void aMaskStandsBesideItsAddress() {
    assertThat(inserted(Hba.document(ALIGNED), 0, "host shop app 10.0.0.0 255.0.0.0 md5"))
        .isEqualTo("host    shop            app             10.0.0.0 255.0.0.0      md5");
  }

  @Test
  void aChangedRuleKeepsTheColumns() {
    HbaDocument document = Hba.document(ALIGNED);
    String id = document.rules().get(1).id();

    assertThat(
            Hba.text(HbaEditor.replace(document, id, "hostssl shop all 127.0.0.1/32 md5")).lines())
        .contains("hostssl shop            all             127.0.0.1/32            md5");
  }

  @Test
  void aRuleThatStandsAloneKeepsItsOwnColumns() {
    HbaDocument document = Hba.document("host    all     all     ::1/128     md5\n");

    assertThat(
            Hba.text(
                HbaEditor.replace(document, document.rules().get(0).id(), "host b b ::2/128 md5")))
        .isEqualTo("host    b       b       ::2/128     md5\n");
  }

  @Test
  void inSingleSpacesAndWhereNeighboursDisagreeTheTextStaysAsItWasWritten() {
    assertThat(inserted(Hba.document(ALIGNED), 2, "host a  b ::1/128 md5"))
        .isEqualTo("host a  b ::1/128 md5");
    assertThat(
            inserted(
                Hba.document("host  all all all md5\nhost all   all all md5\n"),
                0,
                "host a b all md5"))
        .isEqualTo("host a b all md5");
  }

  @Test
  void neighboursInTabsGetATabAndTabbedColumnsAreMet() {
    assertThat(
            inserted(
                Hba.document("host\tall\tall\tall\tmd5\nhost\ta_long_name\tall\tall\tmd5\n"),
                0,
                "host a b all md5 # x"))
        .isEqualTo("host\ta\tb\tall\tmd5 # x");
    assertThat(
            inserted(
                Hba.document("host\tall\t\tall\tall\tmd5\nhost\ta_long_name\tall\tall\tmd5\n"),
                0,
                "hostssl b b all md5"))
        .isEqualTo("hostssl\tb\t\tb\tall\tmd5");
  }

  @Test
  void anotherBlockAndTheSentinelDoNotCount() {
    HbaDocument document =
        HbaSentinel.put(
            Hba.document("host    all     all     all     md5\n\nhost a a all md5\n"), 1);
    assertThat(inserted(document, 2, "host b b all md5")).isEqualTo("host b b all md5");
    assertThat(inserted(document, 1, "host b b all md5"))
        .isEqualTo("host    b       b       all     md5");
  }

  /** The line below the rule with that index. */
  private static String inserted(HbaDocument document, int index, String rule) {
    HbaRule anchor = document.rules().get(index);
    HbaDocument edited = HbaEditor.insertAfter(document, anchor.id(), rule);
    return Hba.text(edited).split("\n")[anchor.line()];
  }
}
