package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.hba.ConversionOptions.Gss;
import dev.pgseal.hba.ConversionOptions.Loopback;
import dev.pgseal.hba.ConversionOptions.Strategy;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Conversions of random rules keep their promises for random attempts, as the matcher sees it. */
class HbaConversionPropertyTest {

  private static final int FILES = 400;
  private static final int ATTEMPTS = 100;
  private static final List<String> CLIENTS =
      List.of("127.0.0.1", "127.0.0.5", "127.9.0.1", "::1", "10.0.0.1", "192.0.2.1", "2001:db8::1");

  private final RandomGenerator random = OracleScale.random(1);

  @ParameterizedTest
  @MethodSource("combinations")
  void onlyPlaintextIsShutOut(ConversionOptions options) throws SocketException {
    var space = new RuleSpace(random);
    for (int i = 0; i < FILES; i++) {
      HbaDocument before = HbaSentinel.put(Hba.document(space.file(8)), i);
      HbaDocument after = HbaConversion.enforce(before, options).document();
      for (int j = 0; j < ATTEMPTS; j++) {
        ConnectionAttempt attempt = attempt(space);
        String was = outcome(before, attempt);
        String is = outcome(after, attempt);
        assertThat(is)
            .as("%s%nbecame%n%s%n%s", Hba.text(before), Hba.text(after), attempt)
            .isIn(promised(attempt, options, was, is));
      }
      ProofOptions proof = ProofOptions.STRICT.withInterfaces(space.serverInterfaces());
      proof = options.loopback() == Loopback.KEEP ? proof.withLoopbackExcepted() : proof;
      assertThat(HbaProof.plaintextDoors(after, proof)).as(Hba.text(after)).isEmpty();
    }
  }

  private static List<String> promised(
      ConnectionAttempt attempt, ConversionOptions options, String was, String is) {
    InetAddress client = attempt.client();
    boolean keptLoopback =
        options.loopback() == Loopback.KEEP && client != null && client.isLoopbackAddress();
    return switch (attempt.transport()) {
      case LOCAL, TLS -> List.of(was);
      case PLAINTEXT -> keptLoopback ? List.of(was) : List.of("refused");
      case GSS -> options.gss() == Gss.KEEP ? List.of(was) : List.of(was, "refused", is);
    };
  }

  private ConnectionAttempt attempt(RuleSpace space) {
    String replication = space.replication();
    ConnectionAttempt some = space.attempt(replication);
    Transport transport = Transport.values()[random.nextInt(Transport.values().length)];
    InetAddress client =
        transport == Transport.LOCAL ? null : Hba.ip(CLIENTS.get(random.nextInt(CLIENTS.size())));
    return new ConnectionAttempt(
        client,
        transport,
        some.database(),
        some.user(),
        some.physicalReplication(),
        some.memberOf(),
        some.interfaces(),
        null);
  }

  private static String outcome(HbaDocument document, ConnectionAttempt attempt) {
    HbaDecision decision = HbaMatcher.decide(document, attempt);
    assertThat(decision).isNotInstanceOf(HbaDecision.Undecidable.class);
    return decision instanceof HbaDecision.Decided decided && decided.rule().admits()
        ? decided.rule().method()
        : "refused";
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void thereAndBackIsTheSameForAnyFileThatLoads(ConversionOptions options) {
    var generator = new HbaGenerator(random);
    int converted = 0;
    for (int i = 0; i < OracleScale.of(4_000); i++) {
      HbaDocument before = HbaDocument.parseText(generator.file(), HbaDialect.of(16));
      converted += thereAndBack(before, options) ? 1 : 0;
    }
    assertThat(converted).isGreaterThan(OracleScale.of(200));
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void thereAndBackIsTheSameForEveryLineOfTheCorpus(ConversionOptions options) {
    int converted = 0;
    for (int major : new int[] {14, 16, 18}) {
      for (String line : HbaCorpus.lines(major)) {
        String surrounded =
            "# first\nhostnossl a a 10.0.0.0/8 md5\n" + line + "\n#\nlocal all all peer";
        HbaDocument before = HbaDocument.parseText(surrounded, HbaDialect.of(major));
        converted += thereAndBack(before, options) ? 1 : 0;
      }
    }
    assertThat(converted).isGreaterThan(200);
  }

  /** False when the file is none to be converted so. */
  private static boolean thereAndBack(HbaDocument file, ConversionOptions options) {
    if (file.refused() || !file.unread().isEmpty() || file.main().hasNul()) {
      return false;
    }
    HbaDocument before = HbaSentinel.put(file, 7);
    HbaConversion.Result there;
    try {
      there = HbaConversion.enforce(before, options);
    } catch (PgsealException e) {
      assertThat(e.type()).isEqualTo(ProblemType.HBA_NOT_EDITABLE);
      assertThat(e.detail()).contains("only DNS knows");
      return false;
    }
    assertThat(there.document().refused()).isFalse();
    assertThat(HbaConversion.enforce(there.document(), options).edits()).isEmpty();
    HbaConversion.Relaxed back = HbaConversion.takeBack(there.document(), there.edits());
    assertThat(Hba.text(back.document()))
        .as("%s%n%s", options, there.document())
        .isEqualTo(Hba.text(before));
    assertThat(back.conflicts()).isEmpty();
    HbaConversion.Relaxed twice = HbaConversion.takeBack(back.document(), there.edits());
    assertThat(Hba.text(twice.document())).isEqualTo(Hba.text(before));
    return true;
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void theWayBackLeavesWhatOthersWroteMeanwhile(ConversionOptions options) throws SocketException {
    var space = new RuleSpace(random);
    for (int i = 0; i < FILES; i++) {
      HbaDocument before = Hba.document("local all all peer\n" + space.file(8));
      HbaConversion.Result there = HbaConversion.enforce(before, options);
      var lines = new ArrayList<>(Hba.text(there.document()).lines().toList());
      var original = new ArrayList<>(Hba.text(before).lines().toList());
      lines.add(0, "local mine mine peer # put on top");
      original.add(0, "local mine mine peer # put on top");
      lines.add("local mine mine peer # put below");
      original.add("local mine mine peer # put below");
      HbaDocument edited = Hba.document(String.join("\n", lines) + "\n");

      HbaConversion.Relaxed back = HbaConversion.takeBack(edited, there.edits());

      assertThat(Hba.text(back.document()).lines())
          .as(options.toString())
          .containsExactlyElementsOf(original);
      assertThat(back.conflicts()).isEmpty();
    }
  }

  static List<ConversionOptions> combinations() {
    var all = new ArrayList<ConversionOptions>();
    for (Gss gss : Gss.values()) {
      for (Loopback loopback : Loopback.values()) {
        for (ConversionOptions.Hostnossl hostnossl : ConversionOptions.Hostnossl.values()) {
          all.add(new ConversionOptions(gss, loopback, Strategy.REWRITE, hostnossl));
        }
        all.add(
            ConversionOptions.DEFAULT
                .withGss(gss)
                .withLoopback(loopback)
                .withStrategy(Strategy.GUARD));
      }
    }
    return all;
  }
}
