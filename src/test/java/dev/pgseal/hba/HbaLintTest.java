package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HbaLintTest {

  private static List<LintFinding> lint(String file) {
    return HbaLint.lint(Hba.document(file), LintOptions.UNKNOWN_SERVER);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "host all all all                             | REFUSED",
        "host a a 10.0.0.0/8 scram-sha-256            | ADMITS_PLAINTEXT",
        "hostssl a a 10.0.0.0/8 trust                 | TRUST_OVER_NETWORK",
        "host a a 10.0.0.0/8 password                 | ADMITS_PLAINTEXT,PASSWORD_IN_CLEAR",
        "hostssl a a 10.0.0.0/8 password              | ",
        "hostssl a a 10.0.0.0/8 md5                   | MD5_PASSWORD",
        "hostssl a a 10.0.0.0/8 ident                 | IDENT_OVER_NETWORK",
        "hostssl a a 0.0.0.0/0 scram-sha-256          | OPEN_TO_ALL_ADDRESSES",
        "hostssl a a all scram-sha-256                | OPEN_TO_ALL_ADDRESSES",
        "hostssl a a .example.com scram-sha-256       | DEPENDS_ON_DNS",
        "hostssl a a ALL scram-sha-256                | KEYWORD_AS_NAME",
        "hostssl REPLICATION a 10.0.0.0/8 cert        | KEYWORD_AS_NAME",
        "hostssl a \"all\" 10.0.0.0/8 cert            | KEYWORD_AS_NAME",
        "hostssl a a 010.0.0.0/8 cert                 | OCTAL_ADDRESS",
        "hostssl a a ::ffff:1.2.3.4/120 cert          | CANNOT_MATCH",
        "host a a 127.0.0.1/32 trust                  | ",
        "local all all trust                          | ",
        "host a a 10.0.0.0/8 reject                   | ",
        "include x                                    | FILE_NOT_READ",
      })
  void aLineIsTold(String line, String codes) {
    assertThat(lint(line + "\n").stream().map(f -> f.code().name()).toList())
        .isEqualTo(codes == null ? List.of() : List.of(codes.split(",")));
  }

  private static List<String> reach(String file) {
    return lint(file).stream()
        .filter(
            f ->
                f.code() == LintCode.UNREACHABLE
                    || f.code() == LintCode.DUPLICATE
                    || f.code() == LintCode.REPLICATION_NOT_COVERED)
        .map(f -> f.code() + ":" + f.line())
        .toList();
  }

  @Test
  void whatIsNeverReachedIsTold() {
    assertThat(reach("host all all all md5\nhostssl a b 10.0.0.0/8 cert\n"))
        .containsExactly("UNREACHABLE:2");
    assertThat(reach("hostssl all all all md5\nhostnossl all all all md5\nhost a a all md5\n"))
        .containsExactly("UNREACHABLE:3");
    assertThat(reach("host all all all md5\nhost replication all all md5\n")).isEmpty();
    assertThat(reach("hostssl all all all md5\nhost a a all md5\n")).isEmpty();
    assertThat(reach("local all all peer\nlocal all all  peer # again\n"))
        .containsExactly("DUPLICATE:2");
  }

  @Test
  void allDoesNotCoverReplication() {
    assertThat(reach("hostnossl all all all reject\nhost replication all all md5\n"))
        .containsExactly("REPLICATION_NOT_COVERED:1");
    assertThat(reach("hostnossl all,replication all all reject\nhost replication all all md5\n"))
        .isEmpty();
  }

  @Test
  void aCommentThatGoesOnIsTold() {
    assertThat(lint("# old \\\nhostssl a a 10.0.0.0/8 cert\nlocal all all peer # x \\\n\n"))
        .singleElement()
        .satisfies(
            f -> {
              assertThat(f.code()).isEqualTo(LintCode.COMMENT_CONTINUES);
              assertThat(f.line()).isEqualTo(1);
              assertThat(f.message()).contains("hostssl a a");
            });
  }

  @Test
  void certificatesWithoutAnAuthorityAreTold() {
    assertThat(HbaLint.lint(Hba.document("hostssl a a 10.0.0.0/8 cert\n"), new LintOptions(false)))
        .extracting(LintFinding::code)
        .containsExactly(LintCode.CLIENTCERT_WITHOUT_CA);
  }

  @Test
  void theGenerationLineBelongsOnTop() {
    assertThat(lint("local all all peer\nhost pgseal_gen_1 pgseal_probe all reject\n"))
        .extracting(LintFinding::code)
        .containsExactly(LintCode.GENERATION_LINE_NOT_FIRST);
    assertThat(lint(Hba.text(HbaSentinel.put(Hba.document("local all all peer\n"), 1)))).isEmpty();
  }
}
