package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.Map;
import java.util.Optional;
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

  /** As fe-connect.c:conninfo_uri_parse_options reads them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "postgresql://repl:p%40ss@db:6432/x?sslmode=prefer | user     | repl",
        "postgresql://repl:p%40ss@db:6432/x?sslmode=prefer | password | p@ss",
        "postgresql://repl:p%40ss@db:6432/x?sslmode=prefer | host     | db",
        "postgresql://repl:p%40ss@db:6432/x?sslmode=prefer | port     | 6432",
        "postgresql://repl:p%40ss@db:6432/x?sslmode=prefer | dbname   | x",
        "postgresql://repl:p%40ss@db:6432/x?sslmode=prefer | sslmode  | prefer",
        "postgres://a,[::1]:7,c:8?user=u                   | host     | a,::1,c",
        "postgres://a,[::1]:7,c:8?user=u                   | port     | ,7,8",
        "postgres://a?host=b                               | host     | b",
        "postgres://%2Ftmp/x                               | host     | /tmp",
        "postgres://db?ssl=true                            | sslmode  | require",
        "postgres://db?user=u&user=v                       | user     | v",
        "postgres://u%C3%A9@db                             | user     | u\u00e9",
      })
  void aUriIsReadAsLibpqReadsIt(String uri, String keyword, String value) {
    assertThat(PrimaryConninfo.parse(uri).get(keyword)).contains(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "postgres://u:p@db/x                  | postgres://u:p@db/x?sslmode=verify-full",
        "postgres://db?                       | postgres://db?sslmode=verify-full",
        "postgres://db?a=%62&                 | postgres://db?a=%62&sslmode=verify-full",
        "postgres://db?sslmode=prefer&a=b     | postgres://db?sslmode=verify-full&a=b",
        "postgres://db?sslmode=x&sslmode=y    | postgres://db?sslmode=x&sslmode=verify-full",
        "postgres://db?ssl=true&a=b           | postgres://db?sslmode=verify-full&a=b",
      })
  void inAUriOnlyTheKeywordConcernedChanges(String uri, String changed) {
    PrimaryConninfo conninfo = PrimaryConninfo.parse(uri).with("sslmode", "verify-full");

    assertThat(conninfo.text()).isEqualTo(changed);
    assertThat(conninfo.get("sslmode")).contains("verify-full");
  }

  @Test
  void whatStandsInAUriGoesWithoutATrace() {
    PrimaryConninfo uri =
        PrimaryConninfo.parse("postgres://u:hidden@db/x?a=b&password=hidden2&c=d");

    assertThat(uri.without("password").text()).isEqualTo("postgres://u@db/x?a=b&c=d");
    assertThat(uri.without("c").text()).isEqualTo("postgres://u:hidden@db/x?a=b&password=hidden2");
    assertThat(uri.without("a").without("c").without("password").text())
        .isEqualTo("postgres://u@db/x");
    assertThat(uri.toString()).doesNotContain("hidden").contains("********");
    assertThat(uri.with("sslrootcert", "/data dir/a?b").get("sslrootcert"))
        .contains("/data dir/a?b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgres://u:hidden@[::1",
        "postgres://u:hidden@[]",
        "postgres://u:hidden@[::1]x",
        "postgres://u:hidden@db?a",
        "postgres://u:hidden@db?a=b=c",
        "postgres://u:hidden%@db",
        "postgres://u:hidden%00@db",
      })
  void aMalformedUriIsRefusedWithoutShowingIt(String uri) {
    assertThatThrownBy(() -> PrimaryConninfo.parse(uri))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.ILLEGAL_STATE);
              assertThat(e + e.members().toString()).doesNotContain("hidden");
            });
  }

  @Test
  void everyOtherByteStaysAsItsOwnerWroteIt() {
    String odd =
        "  host = 'db1,db2'\tport=5432,5433 password='it\\'s'user=repl  sslmode='prefer'x=1 ";

    String changed = PrimaryConninfo.parse(odd).with("sslmode", "verify-full").text();

    assertThat(changed).isEqualTo(odd.replace("'prefer'", "'verify-full'"));
    assertThat(PrimaryConninfo.parse(odd).without("password").without("x").text())
        .isEqualTo("  host = 'db1,db2'\tport=5432,5433 user=repl  sslmode='prefer'");
    assertThat(PrimaryConninfo.parse("sslmode=a sslmode=b").with("sslmode", "c").text())
        .isEqualTo("sslmode=a sslmode=c");
  }

  @Test
  void severalHostsHaveTheirPortsAndAddresses() {
    assertThat(PrimaryConninfo.parse("host=a,b hostaddr=,10.0.0.2 port=1,").hosts())
        .containsExactly(
            new PrimaryConninfo.Host("a", "a", "1"),
            new PrimaryConninfo.Host("b", "10.0.0.2", "5432"));
    assertThat(PrimaryConninfo.parse("postgres://a,b:7").hosts())
        .containsExactly(
            new PrimaryConninfo.Host("a", "a", "5432"), new PrimaryConninfo.Host("b", "b", "7"));
    assertThat(PrimaryConninfo.parse("service=x").hosts()).isEmpty();
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
    assertThat(
            new ReplicationTls.Undo(Optional.of(conninfo.text()), Optional.empty(), Map.of())
                .toString())
        .doesNotContain("hidden");
  }
}
