package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrimaryConninfoTest {

  /** As fe-connect.c:conninfo_parse reads them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "password=secret                    | secret",
        "password = secret                  | secret",
        "password='with blank'              | with blank",
        "password='it\\'s'                  | it's",
        "password='back\\\\slash'           | back\\slash",
        "password=un\\ quoted               | un quoted",
        "password=un\\'quoted               | un'quoted",
        "password=drop\\                    | drop",
        "password=a'b                       | a'b",
        "password='quoted'port=5            | quoted",
        "password=first password=second     | second",
      })
  void aValueIsReadAsLibpqReadsIt(String text, String password) {
    assertThat(PrimaryConninfo.parse(text).get("password")).contains(password);
  }

  @Test
  void anEmptyValueIsAValue() {
    PrimaryConninfo conninfo = PrimaryConninfo.parse("passfile='' channel_binding= sslcert=x");

    assertThat(conninfo.get("passfile")).contains("");
    assertThat(conninfo.get("channel_binding"))
        .as("blanks behind = are skipped, so the next word is the value")
        .contains("sslcert=x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host=db port=5432 user=repl password='p\\'q \\\\' application_name=s1",
        "host = 'a' \t port\n=\n5432",
        "options='-c work_mem=1MB' password=''",
        "",
      })
  void whatIsWrittenReadsTheSameAgain(String text) {
    PrimaryConninfo conninfo = PrimaryConninfo.parse(text).with("sslmode", "verify-full");

    PrimaryConninfo again = PrimaryConninfo.parse(conninfo.text());

    assertThat(again.text()).isEqualTo(conninfo.text());
    for (String keyword : new String[] {"host", "port", "password", "options", "sslmode"}) {
      assertThat(again.get(keyword)).isEqualTo(conninfo.get(keyword));
    }
  }

  @Test
  void aKeywordThatIsSetKeepsItsPlaceAndTheOthersStay() {
    PrimaryConninfo conninfo =
        PrimaryConninfo.parse("host=db sslmode=prefer password='a b' application_name=s1");

    assertThat(conninfo.with("sslmode", "verify-full").text())
        .isEqualTo("host=db sslmode=verify-full password='a b' application_name=s1");
    assertThat(conninfo.without("sslmode").text())
        .isEqualTo("host=db password='a b' application_name=s1");
    assertThat(conninfo.without("sslkey").text()).isEqualTo(conninfo.text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"postgresql://u:hidden@db/x", "postgres://u:hidden@db"})
  void theUriFormIsRefusedWithoutShowingIt(String uri) {
    assertThatThrownBy(() -> PrimaryConninfo.parse(uri))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.ILLEGAL_STATE);
              assertThat(e.detail()).contains("URI");
              assertThat(e + e.members().toString()).doesNotContain("hidden");
            });
  }

  /** A password with a blank that was not quoted is where such errors come from. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "password='hidden",
        "password='hidden\\'",
        "password=my hidden",
        "password=my hidden host=db",
        "hidden",
      })
  void aMalformedStringIsRefusedWithoutShowingIt(String text) {
    assertThatThrownBy(() -> PrimaryConninfo.parse(text))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.ILLEGAL_STATE);
              assertThat(e + e.members().toString()).doesNotContain("hidden");
            });
  }

  @Test
  void theTextHasThePasswordAndToStringHasNot() {
    PrimaryConninfo conninfo = PrimaryConninfo.parse("host=db password=hidden sslpassword=hidden2");

    assertThat(conninfo.text()).contains("password=hidden ");
    assertThat(conninfo.toString())
        .contains("host=db", "password=********")
        .doesNotContain("hidden");
    assertThat(new ReplicationTls.Undo(java.util.Optional.of(conninfo.text())).toString())
        .doesNotContain("hidden");
  }
}
