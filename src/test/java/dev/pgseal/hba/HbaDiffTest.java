package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ldapserver=ds ldapbindpasswd=hush ldapport=389",
        "ldapserver=ds \"ldapbindpasswd=much, hush\"",
        "ldapserver=ds ldapbindpasswd=\"much hush\" # hush",
        "ldapserver=ds ldap\"bindpasswd\"=hush",
        "ldapserver=ds ldapbindpasswd=\\\nhush",
        "radiusservers=r radiussecrets=\"hush,hush\"",
      })
  void passwordsAndSharedSecretsAreMasked(String options) {
    String rule = "all all 10.0.0.0/8 ldap " + options + "\n";
    byte[] before = ("host " + rule).getBytes();
    byte[] after = ("hostssl " + rule).getBytes();
    assertThat(HbaDiff.unified(before, after, "f"))
        .doesNotContain("hush")
        .contains("-host all", "+hostssl all", "********");
  }

  @Test
  void aSecretThatIsAllThatChangedIsStillAChange() {
    assertThat(
            HbaDiff.unified(
                "ldapbindpasswd=hush\n".getBytes(), "ldapbindpasswd=hush2\n".getBytes(), "f"))
        .isNotEmpty()
        .doesNotContain("hush");
  }
}
