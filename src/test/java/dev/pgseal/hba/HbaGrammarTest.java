package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HbaGrammarTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "LOCAL all all trust ~ invalid connection type \"LOCAL\"",
        "\u00ef\u00bb\u00bflocal all all trust ~ invalid connection type \"\u00ef\u00bb\u00bflocal\"",
        "host,local all all all trust ~ multiple values specified for connection type",
        "local ~ end-of-line before database specification",
        "local all ~ end-of-line before role specification",
        "local \"all all trust ~ end-of-line before role specification",
        "host all all ~ end-of-line before IP address specification",
        "host all all 10.0.0.1 ~ end-of-line before netmask specification",
        "host all all all ~ end-of-line before authentication method",
        "host all all all#x trust ~ end-of-line before authentication method",
        "host all all 127.0.0.1 trust ~ invalid IP mask \"trust\": Name or service not known",
        "host all all 10.0.0.1 ffff:: trust ~ IP address and mask do not match",
        "host all all 10.0.0.0/8,11.0.0.0/8 trust ~ multiple values specified for host address",
        "host all all 10.0.0.1 255.0.0.0,255.0.0.0 trust ~ multiple values specified for netmask",
        "host all all all trust,md5 ~ multiple values specified for authentication type",
        "host all all 10.0.0.0/33 trust ~ invalid CIDR mask in address \"10.0.0.0/33\"",
        "host all all 10.0.0.0/ trust ~ invalid CIDR mask in address \"10.0.0.0/\"",
        "host all all 10.0.0.0/8x trust ~ invalid CIDR mask in address \"10.0.0.0/8x\"",
        "host all all 10.0.0.0/-1 trust ~ invalid CIDR mask in address \"10.0.0.0/-1\"",
        "host all all samenet/8 trust ~ specifying both host name and CIDR mask is invalid: \"samenet/8\"",
        "host all all [::1]/128 trust ~ specifying both host name and CIDR mask is invalid: \"[::1]/128\"",
        "host all all .example.com 255.0.0.0 trust ~ invalid authentication method \"255.0.0.0\"",
        "host all all all TRUST ~ invalid authentication method \"TRUST\"",
        "host a ,b x all trust ~ invalid authentication method \"all\"",
        "host all all all peer ~ peer authentication is only supported on local sockets",
        "local all all gss ~ gssapi authentication is not supported on local sockets",
        "host all all all cert ~ cert authentication is only supported on hostssl connections",
        "host all all all md5 clientcert=verify-ca ~ clientcert can only be configured for \"hostssl\" rows",
        "host all all all md5 clientname=CN ~ clientname can only be configured for \"hostssl\" rows",
        "hostssl all all all md5 clientcert=1 ~ invalid value for clientcert: \"1\"",
        "hostssl all all all md5 clientname=dn ~ invalid value for clientname: \"dn\"",
        "hostssl all all all cert clientcert=verify-ca ~ clientcert only accepts \"verify-full\" when using \"cert\" authentication",
        "host all all all md5 map=m ~ authentication option \"map\" is only valid for authentication methods ident, peer, gssapi, sspi, and cert",
        "host all all all md5 pamservice=x ~ authentication option \"pamservice\" is only valid for authentication methods pam",
        "host all all all md5 krb_realm=x ~ authentication option \"krb_realm\" is only valid for authentication methods gssapi and sspi",
        "host all all all md5 foo ~ authentication option not in name=value format: foo",
        "host all all all md5 foo=1 ~ unrecognized authentication option name: \"foo\"",
        "host all all all radius radiusservers=127.0.0.1 ~ authentication method \"radius\" requires argument \"radiussecrets\" to be set",
        "host all all all radius radiusservers=\"a,b,c\" radiussecrets=\"a,b\" ~ the number of RADIUS secrets (2) must be 1 or the same as the number of RADIUS servers (3)",
        "host all all all ldap ldapserver=x ~ authentication method \"ldap\" requires argument \"ldapbasedn\", \"ldapprefix\", or \"ldapsuffix\" to be set",
        "host /( u all trust ~ invalid regular expression \"(\": parentheses () not balanced",
      })
  void whatPostgresRefusesIsRefusedInItsOwnWords(String line, String message) {
    HbaDocument document = HbaDocument.parseText("\n" + line + "\n", HbaDialect.of(16));
    assertThat(document.errors()).hasSize(1);
    assertThat(document.errors().get(0).message()).isEqualTo(message);
    assertThat(document.errors().get(0).line()).isEqualTo(2);
    assertThat(document.refused()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"local\" all all trust",
        ",,local ,,all ,,all ,,trust",
        "host all all 010.0.0.1/32 trust",
        "host all all 10/+8 trust",
        "host all all 10/08 trust",
        "host all all \"10/ 8\" trust",
        "host all all 10.0.0.1 255.0.255.0 trust",
        "host all all 0x7f.1/32 trust",
        "host all all fe80::1%lo/64 trust",
        "host all all ::1%3/128 trust",
        "host all all ::ffff:1.2.3.4/128 trust",
        "host all all * trust",
        "host all all 300.1.1.1 trust",
        "host all all .example.com trust",
        "host all all \"\" trust",
        "hostssl all all all cert map=x,clientcert=verify-full",
        "hostssl all all all md5 clientcert=verify-ca clientcert=verify-full",
        "hostssl all all all trust clientcert=verify-full clientname=DN",
        "host all all all radius radiusservers=127.0.0.1 radiussecrets=s radiusports=1812",
        "host all all all ldap ldapurl=\"ldap://h/dc=x?uid\"",
        "host all all all \"trust\"",
        "local all all ident map=m",
      })
  void whatPostgresLoadsIsLoaded(String line) {
    HbaDocument document = Hba.document(line + "\r\n");
    assertThat(document.errors()).isEmpty();
    assertThat(document.rules()).hasSize(1);
    assertThat(document.refused()).isFalse();
  }

  @Test
  void theViewHasNoErrorForSomeRefusedLines() {
    HbaError refused = Hba.document("hostssl all all all md5 clientcert=1").errors().get(0);
    assertThat(refused.viewError()).isNull();
  }

  @Test
  void theViewHasAnEarlierWarningForThem() {
    HbaDialect sslOff = HbaDialect.of(16).withSsl(false);
    HbaError refused =
        HbaDocument.parseText("hostssl all all all md5 clientcert=1", sslOff).errors().get(0);
    assertThat(refused.viewError())
        .isEqualTo("hostssl record cannot match because SSL is disabled");
  }

  @Test
  void theViewWordsOneErrorDifferently() {
    HbaError refused =
        Hba.document("hostssl all all all cert clientcert=verify-ca").errors().get(0);
    assertThat(refused.viewError())
        .isEqualTo(
            "clientcert can only be set to \"verify-full\" when using \"cert\" authentication");
  }

  @Test
  void hostsslLoadsButCannotMatchWhileSslIsOff() {
    HbaDocument document =
        HbaDocument.parseText("hostssl all all all trust\n", HbaDialect.of(16).withSsl(false));
    assertThat(document.refused()).isFalse();
    assertThat(document.rules().get(0).cannotMatch())
        .isEqualTo("hostssl record cannot match because SSL is disabled");
  }

  @Test
  void hostgssencLoadsButCannotMatchWithoutGssapi() {
    HbaDocument document =
        HbaDocument.parseText(
            "hostgssenc all all all trust\n", HbaDialect.of(16).withoutOptionalMethods());
    assertThat(document.refused()).isFalse();
    assertThat(document.rules().get(0).cannotMatch()).contains("GSSAPI is not supported");
  }

  @Test
  void methodsThatTheBuildLacksAreErrors() {
    HbaDocument document =
        HbaDocument.parseText("host all all all gss\n", HbaDialect.of(16).withoutOptionalMethods());
    assertThat(document.errors().get(0).message())
        .isEqualTo("invalid authentication method \"gss\": not supported by this build");
  }

  @Test
  void anErrorKnowsItsColumn() {
    HbaError error = Hba.document("# x\nhost  all  all  all  trsut\n").errors().get(0);
    assertThat(error.line()).isEqualTo(2);
    assertThat(error.column()).isEqualTo(22);
  }

  @Test
  void aFileWithoutRecordsIsRefused() {
    assertThat(Hba.document("# nothing\n\n").refusal())
        .contains("configuration file \"pg_hba.conf\" contains no entries");
  }

  @ParameterizedTest
  @CsvSource({"14,true", "15,true", "16,false", "17,false", "18,false"})
  void aSlashIsALiteralBefore16AndARegexFrom16On(int major, boolean literal) {
    assertThat(Hba.document("host /( u all trust\n", major).errors().isEmpty()).isEqualTo(literal);
  }

  @ParameterizedTest
  @CsvSource({"14,false", "15,false", "16,true", "17,true", "18,true"})
  void includeIsARecordFrom16On(int major, boolean known) {
    HbaDocument document = Hba.document("include x\n", major);
    assertThat(document.hasIncludes()).isEqualTo(known);
    assertThat(document.errors().isEmpty()).isEqualTo(known);
    if (!known) {
      assertThat(document.errors().get(0).message())
          .isEqualTo("invalid connection type \"include\"");
    }
  }

  @ParameterizedTest
  @CsvSource({"14,false", "17,false", "18,true"})
  void oauthCameWith18(int major, boolean known) {
    HbaDocument document = Hba.document("host all all all oauth issuer=i scope=s\n", major);
    assertThat(document.errors().isEmpty()).isEqualTo(known);
  }

  @Test
  void quotedWordsAreNames() {
    HbaRule rule = Hba.rule("host \"all\",all \"+grp\",+\"Grp\" \"all\" trust", 16);
    assertThat(rule.databases())
        .containsExactly(new HbaToken("all", true), new HbaToken("all", false));
    assertThat(rule.users())
        .containsExactly(new HbaToken("+grp", true), new HbaToken("+Grp", false));
    assertThat(rule.address()).isEqualTo(new HbaAddress.HostName("all"));
  }

  @Test
  void octalLookingAddressesAreOctal() {
    assertThat(Hba.rule("host all all 010.0.0.1/32 trust", 16).address())
        .isEqualTo(new HbaAddress.Network(Hba.ip("8.0.0.1"), Hba.ip("255.255.255.255")));
  }

  @Test
  void identOnASocketIsPeer() {
    assertThat(Hba.rule("local all all ident", 16).method()).isEqualTo("peer");
  }

  @Test
  void ofTwoOptionsTheLaterWins() {
    HbaRule rule =
        Hba.rule("hostssl all all all md5 clientcert=verify-ca,clientcert=verify-full", 16);
    assertThat(rule.option("clientcert")).contains("verify-full");
    assertThat(rule.options()).hasSize(2);
  }

  @Test
  void commentsAreKeptWithTheRule() {
    assertThat(Hba.rule("host all all all trust # why", 16).comment()).isEqualTo(" why");
  }

  @Test
  void idsSurviveChangesOfOtherLinesAndTellEqualLinesApart() {
    HbaDocument one = Hba.document("local all a trust\nlocal all b trust\nlocal all b trust\n");
    HbaDocument two = Hba.document("# x\n\nlocal all b trust\nlocal all b trust\r\n");
    List<String> before = one.rules().stream().map(HbaRule::id).toList();
    List<String> after = two.rules().stream().map(HbaRule::id).toList();
    assertThat(before).doesNotHaveDuplicates();
    assertThat(after).isEqualTo(before.subList(1, 3));
  }
}
