package dev.pgseal.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.demo.Snapshot.OneServer;
import dev.pgseal.demo.Snapshot.Sessions;
import dev.pgseal.demo.Snapshot.VerifyFull;
import dev.pgseal.demo.WireProbe.Login;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VerdictTest {

  private static final Login REFUSED = new Login(false, "28000", "28000 no pg_hba.conf entry");
  private static final Login ADMITTED = new Login(true, "", "admitted, password asked for");
  private static final Sessions ALL_TLS = new Sessions(0, 0, 5, 1, 0);
  private static final VerifyFull VERIFIED = new VerifyFull("TLSv1.3", "TLSv1.3");
  private static final Map<String, String> ISSUED = Map.of("primary", "aa", "standby", "aa");
  private static final OneServer ENFORCED =
      new OneServer(ALL_TLS, List.of(), "aa", REFUSED, REFUSED, VERIFIED);

  @Test
  void enforcedHoldsWhenEveryPointDoes() {
    assertThat(Verdict.enforced(snapshot(ENFORCED), ISSUED).holds()).isTrue();
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of(
            "a plaintext session",
            new OneServer(
                new Sessions(1, 0, 4, 1, 0), List.of(), "aa", REFUSED, REFUSED, VERIFIED)),
        Arguments.of(
            "a session that cannot be judged",
            new OneServer(
                new Sessions(0, 0, 4, 1, 1), List.of(), "aa", REFUSED, REFUSED, VERIFIED)),
        Arguments.of(
            "a lost commit",
            new OneServer(ALL_TLS, List.of("0/7"), "aa", REFUSED, REFUSED, VERIFIED)),
        Arguments.of(
            "another certificate",
            new OneServer(ALL_TLS, List.of(), "bb", REFUSED, REFUSED, VERIFIED)),
        Arguments.of(
            "an admitted login",
            new OneServer(ALL_TLS, List.of(), "aa", ADMITTED, REFUSED, VERIFIED)),
        Arguments.of(
            "an admitted replication login",
            new OneServer(ALL_TLS, List.of(), "aa", REFUSED, ADMITTED, VERIFIED)),
        Arguments.of(
            "a login refused for another reason than the rules",
            new OneServer(
                ALL_TLS,
                List.of(),
                "aa",
                new Login(false, "53300", "53300 sorry, too many clients already"),
                REFUSED,
                VERIFIED)),
        Arguments.of(
            "a failed verify-full",
            new OneServer(
                ALL_TLS, List.of(), "aa", REFUSED, REFUSED, new VerifyFull("", "no path"))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void enforcedFailsWithOneFaultOnTheStandby(String fault, OneServer standby) {
    Map<String, OneServer> servers = new LinkedHashMap<>();
    servers.put("primary", ENFORCED);
    servers.put("standby", standby);

    Verdict verdict = Verdict.enforced(new Snapshot(servers, 100, 0), ISSUED);

    assertThat(verdict.points())
        .filteredOn(point -> !point.holds())
        .singleElement()
        .satisfies(point -> assertThat(point.claim()).startsWith("standby: "));
  }

  @Test
  void enforcedFailsWhenTheWalsenderIsGone() {
    OneServer withoutStream =
        new OneServer(new Sessions(0, 0, 5, 0, 0), List.of(), "aa", REFUSED, REFUSED, VERIFIED);

    assertThat(Verdict.enforced(snapshot(withoutStream), ISSUED).holds()).isFalse();
  }

  @Test
  void nothingIsProvedByClientsThatCommittedNothing() {
    Snapshot idle = new Snapshot(snapshot(ENFORCED).servers(), 0, 0);

    assertThat(Verdict.enforced(idle, ISSUED).holds()).isFalse();
  }

  @Test
  void disabledFailsWhileTlsIsServedOrPlaintextIsRefused() {
    OneServer off =
        new OneServer(
            ALL_TLS, List.of(), "none", ADMITTED, ADMITTED, new VerifyFull("", "not possible"));
    OneServer stillServing = new OneServer(ALL_TLS, List.of(), "aa", ADMITTED, ADMITTED, VERIFIED);
    OneServer lockedOut = new OneServer(ALL_TLS, List.of(), "none", ADMITTED, REFUSED, VERIFIED);

    assertThat(Verdict.disabled(snapshot(off)).holds()).isTrue();
    assertThat(Verdict.disabled(snapshot(stillServing)).holds()).isFalse();
    assertThat(Verdict.disabled(snapshot(lockedOut)).holds()).isFalse();
  }

  private static Snapshot snapshot(OneServer both) {
    Map<String, OneServer> servers = new LinkedHashMap<>();
    servers.put("primary", both);
    servers.put("standby", both);
    return new Snapshot(servers, 100, 0);
  }
}
