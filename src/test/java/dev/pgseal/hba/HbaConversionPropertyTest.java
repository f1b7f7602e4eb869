package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.hba.ConversionOptions.Gss;
import dev.pgseal.hba.ConversionOptions.Loopback;
import dev.pgseal.hba.ConversionOptions.Strategy;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conversions of random rules keep their promises for random attempts, as the matcher sees it. */
class HbaConversionPropertyTest {

  private static final int FILES = 400;
  private static final int ATTEMPTS = 100;
  private static final List<String> CLIENTS =
      List.of("127.0.0.1", "127.0.0.5", "127.9.0.1", "::1", "10.0.0.1", "192.0.2.1", "2001:db8::1");

  private final RandomGenerator random = OracleScale.random(1);

  @ParameterizedTest
  @CsvSource({
    "DROP,ENFORCE,REWRITE",
    "KEEP,ENFORCE,REWRITE",
    "DROP,KEEP,REWRITE",
    "KEEP,KEEP,REWRITE",
    "DROP,ENFORCE,GUARD",
  })
  void onlyPlaintextIsShutOut(Gss gss, Loopback loopback, Strategy strategy)
      throws SocketException {
    var space = new RuleSpace(random);
    var options = new ConversionOptions(gss, loopback, strategy);
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
      proof = loopback == Loopback.KEEP ? proof.withLoopbackExcepted() : proof;
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

  @Test
  void thereAndBackIsTheSameForAnyFileThatLoads() {
    var generator = new HbaGenerator(random);
    int converted = 0;
    for (int i = 0; i < 4_000; i++) {
      HbaDocument before = HbaDocument.parseText(generator.file(), HbaDialect.of(16));
      if (before.refused() || !before.unread().isEmpty() || before.main().hasNul()) {
        continue;
      }
      before = HbaSentinel.put(before, i);
      for (Loopback loopback : Loopback.values()) {
        ConversionOptions options =
            new ConversionOptions(Gss.values()[i % 2], loopback, Strategy.REWRITE);
        HbaConversion.Result there = HbaConversion.enforce(before, options);
        HbaConversion.Relaxed back = HbaConversion.takeBack(there.document(), there.edits());
        assertThat(Hba.text(back.document())).isEqualTo(Hba.text(before));
        assertThat(back.conflicts()).isEmpty();
        converted++;
      }
    }
    assertThat(converted).isGreaterThan(400);
  }
}
