package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HbaMatcherTest {

  private static String decide(String line, ConnectionAttempt attempt) {
    return decide(line, attempt, 16);
  }

  private static String decide(String line, ConnectionAttempt attempt, int major) {
    HbaDecision decision = HbaMatcher.decide(Hba.document(line + "\n", major), attempt);
    return switch (decision.getClass().getSimpleName()) {
      case "Decided" -> "yes";
      case "NoMatch" -> "no";
      default -> "unknown";
    };
  }

  private static ConnectionAttempt over(Transport transport) {
    return transport == Transport.LOCAL
        ? ConnectionAttempt.local("db", "u")
        : ConnectionAttempt.tcp(Hba.ip("10.0.0.1"), transport, "db", "u");
  }

  @ParameterizedTest
  @CsvSource({
    "local,LOCAL",
    "host,PLAINTEXT TLS GSS",
    "hostssl,TLS",
    "hostnossl,PLAINTEXT GSS",
    "hostgssenc,GSS",
    "hostnogssenc,PLAINTEXT TLS",
  })
  void connectionTypesCoverTheirTransports(String type, String transports) {
    for (Transport transport : Transport.values()) {
      String line = type.equals("local") ? "local all all trust" : type + " all all all trust";
      assertThat(decide(line, over(transport)))
          .as("%s over %s", type, transport)
          .isEqualTo(List.of(transports.split(" ")).contains(transport.name()) ? "yes" : "no");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "all                  | db          | u  | no  | yes",
        "all                  | replication | u  | no  | yes",
        "replication          | replication | u  | no  | no",
        "\"replication\"      | replication | u  | no  | yes",
        "all                  | x           | u  | yes | no",
        "replication          | x           | u  | yes | yes",
        "\"replication\"      | replication | u  | yes | no",
        "all,replication      | x           | u  | yes | yes",
        "/^re                 | replication | u  | yes | no",
        "sameuser             | u           | u  | no  | yes",
        "sameuser             | v           | u  | no  | no",
        "\"sameuser\"         | sameuser    | u  | no  | yes",
        "samerole             | grp         | u  | no  | yes",
        "samegroup            | u           | u  | no  | yes",
        "samerole             | other       | u  | no  | no",
        "ALL                  | db          | u  | no  | no",
        "ALL                  | ALL         | u  | no  | yes",
        "a,db                 | db          | u  | no  | yes",
      })
  void databaseWordsMatchAsInCheckDb(
      String word, String database, String user, String physical, String expected) {
    ConnectionAttempt attempt = Hba.plaintext("10.0.0.1", database, user).withRoles(Set.of("grp"));
    attempt = physical.equals("yes") ? attempt.asPhysicalReplication() : attempt;
    assertThat(decide("host " + word + " all all trust", attempt)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "all | u | yes",
        "\"all\" | u | no",
        "u | u | yes",
        "U | u | no",
        "+grp | u | yes",
        "+u | u | yes",
        "+other | u | no",
        "\"+grp\" | u | no",
        "\"+grp\" | +grp | yes",
        "x,+grp | u | yes",
      })
  void userWordsMatchAsInCheckRole(String word, String user, String expected) {
    assertThat(
            decide(
                "host all " + word + " all trust",
                Hba.plaintext("10.0.0.1", "db", user).withRoles(Set.of("grp"))))
        .isEqualTo(expected);
  }

  @Test
  void unknownMembershipIsNotGuessed() {
    ConnectionAttempt attempt = Hba.plaintext("10.0.0.1", "db", "u");
    assertThat(decide("host all +grp all trust", attempt)).isEqualTo("unknown");
    assertThat(decide("host all u,+grp all trust", attempt)).isEqualTo("yes");
    assertThat(decide("host other +grp all trust", attempt)).isEqualTo("no");
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3/8,10.200.0.1,yes",
    "10.0.0.0/8,11.0.0.1,no",
    "0.0.0.0/0,::1,no",
    "::/0,::1,yes",
    "::/0,127.0.0.1,no",
    "10.0.0.7 255.0.0.255,10.9.9.7,yes",
    "10.0.0.7 255.0.0.255,10.9.9.8,no",
    "::ffff:10.0.0.1/128,10.0.0.1,no",
    "fe80::%lo/64,fe80::7,yes",
  })
  void addressesMatchWithinTheirFamily(String address, String client, String expected) {
    assertThat(decide("host all all " + address + " trust", Hba.plaintext(client, "d", "u")))
        .isEqualTo(expected);
  }

  @Test
  void hostNamesDependOnDns() {
    ConnectionAttempt attempt = Hba.plaintext("10.0.0.1", "d", "u");
    assertThat(decide("host all all db.example.com trust", attempt)).isEqualTo("unknown");
    assertThat(decide("host all all DB.example.com trust", attempt.withHostName("db.EXAMPLE.com")))
        .isEqualTo("yes");
    assertThat(decide("host all all .example.com trust", attempt.withHostName("a.example.com")))
        .isEqualTo("yes");
    assertThat(decide("host all all .example.com trust", attempt.withHostName("example.com")))
        .isEqualTo("no");
  }

  @Test
  void samehostAndSamenetNeedTheServersInterfaces() {
    var interfaces =
        new ServerInterfaces(
            List.of(new HbaAddress.Network(Hba.ip("10.0.0.5"), Hba.ip("255.255.255.0"))));
    ConnectionAttempt neighbour = Hba.plaintext("10.0.0.9", "d", "u");
    assertThat(decide("host all all samenet trust", neighbour)).isEqualTo("unknown");
    assertThat(decide("host all all samenet trust", neighbour.withInterfaces(interfaces)))
        .isEqualTo("yes");
    assertThat(decide("host all all samehost trust", neighbour.withInterfaces(interfaces)))
        .isEqualTo("no");
  }

  @Test
  void theFirstMatchDecides() {
    HbaDocument document = Hba.document("host all u 10.0.0.0/8 reject\nhost all all all trust\n");
    assertThat(HbaMatcher.decide(document, Hba.tls("10.0.0.1", "d", "u")))
        .isEqualTo(new HbaDecision.Decided(document.rules().get(0)));
    assertThat(HbaMatcher.decide(document, Hba.tls("10.0.0.1", "d", "v")).admits()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "/^u1$ ~ u1 ~ yes",
        "/^u1$ ~ u12 ~ no",
        "/u ~ aub ~ yes",
        "\"/^u{1,2}$\" ~ uu ~ yes",
        "/ ~ anything ~ yes",
        "/^(a|b)+$ ~ abba ~ yes",
        "/\\d\\d ~ x12 ~ yes",
        "/^[[:alpha:]_]+$ ~ a_b ~ yes",
        "/^[^a-c]$ ~ b ~ no",
        "/(a)\\1 ~ aa ~ unknown",
        "/a(?=b) ~ ab ~ unknown",
        "/\\yx ~ x ~ unknown",
        "/(?i)x ~ X ~ unknown",
        "/^u{a ~ u{a ~ yes",
        "/***=a.b ~ a.b ~ yes",
        "/***=a.b ~ axb ~ no",
      })
  void regularExpressionsAreDecidedWhereTheyMeanTheSame(String word, String user, String expected) {
    assertThat(decide("host all " + word + " all trust", Hba.plaintext("10.0.0.1", "d", user)))
        .isEqualTo(expected);
  }

  @Test
  void before16ASlashIsANameLikeAnyOther() {
    assertThat(decide("host all /u all trust", Hba.plaintext("10.0.0.1", "d", "u"), 15))
        .isEqualTo("no");
    assertThat(decide("host all /u all trust", Hba.plaintext("10.0.0.1", "d", "/u"), 15))
        .isEqualTo("yes");
  }

  @Test
  void aHostileExpressionIsGivenUp() {
    String bomb = "/^(a*)*(a*)*(a*)*(a*)*(a*)*(a*)*(a*)*b$";
    assertThat(decide("host all " + bomb + " all trust", Hba.plaintext("::1", "d", "a".repeat(60))))
        .isEqualTo("unknown");
  }

  @Test
  void clientNamesAreCutToSixtyThreeBytes() {
    String name = "x".repeat(63);
    assertThat(decide("host all " + name + " all trust", Hba.plaintext("::1", "d", name + "yz")))
        .isEqualTo("yes");
    assertThat(decide("host all " + name + "y all trust", Hba.plaintext("::1", "d", name + "y")))
        .isEqualTo("no");
  }

  @Test
  void namesAreComparedAsBytes() {
    assertThat(decide("host all \u00fcber all trust", Hba.plaintext("::1", "d", "\u00fcber")))
        .isEqualTo("yes");
  }

  @Test
  void nothingBehindAnUnreadFileIsDecided() {
    String file = "host all u all reject\ninclude x.conf\nhost all all all trust";
    assertThat(decide(file, Hba.plaintext("::1", "d", "v"))).isEqualTo("unknown");
    assertThat(decide(file, Hba.plaintext("::1", "d", "u"))).isEqualTo("yes");
  }

  @Test
  void aFileThatPostgresRefusesDecidesNothing() {
    assertThat(decide("host all all all trust\nfoo", Hba.plaintext("::1", "d", "v")))
        .isEqualTo("unknown");
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"LOCAL"},
      mode = EnumSource.Mode.EXCLUDE)
  void anEmptyListOfMatchesIsNoEntry(Transport transport) {
    assertThat(decide("local all all trust", over(transport))).isEqualTo("no");
  }
}
