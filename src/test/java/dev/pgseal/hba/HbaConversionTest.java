package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.hba.ConversionOptions.Gss;
import dev.pgseal.hba.ConversionOptions.Loopback;
import dev.pgseal.hba.ConversionOptions.Strategy;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HbaConversionTest {

  /** A bit of everything; CRLF on one line, no line end at the end. */
  private static final String FILE =
      """
      # TYPE  DATABASE        USER            ADDRESS                 METHOD
      local   all             all                                     peer
      host    all             bad             all                     reject
      host    all             all             127.0.0.1/32            scram-sha-256 # loop
      host    all             all             ::1/128                 scram-sha-256
      hostnossl app           app             10.0.0.0/8              md5
      hostnossl all           all             10.9.0.0/16             reject
      hostnogssenc app app 10.0.0.0 255.0.0.0 md5
      hostgssenc all all all gss
      hostssl all all all cert
      host\tall\tall\tall\tmd5\r
        "host" all all \\
          192.168.0.0/16 trust # \\
          more
      host    replication     all             all                     md5\
      """;

  private static List<String> enforced(String file, ConversionOptions options) {
    return Hba.text(HbaConversion.enforce(Hba.document(file), options).document()).lines().toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "host all all all md5                | hostssl all all all md5",
        "host    all all all md5 # c         | hostssl all all all md5 # c",
        "host     all all all md5            | hostssl  all all all md5",
        "host  all all all md5               | hostssl  all all all md5",
        "host all all all reject             | host all all all reject",
        "hostssl all all all md5             | hostssl all all all md5",
        "hostgssenc all all all md5          | hostgssenc all all all md5",
        "hostnossl all all all reject        | hostnossl all all all reject",
        "hostnogssenc all all all reject     | hostnogssenc all all all reject",
        "hostnogssenc all all all md5        | hostssl all all all md5",
        "local all all trust                 | local all all trust",
        "hostnossl all all all md5           | # disabled by pgseal, it admits plaintext only:"
            + " hostnossl all all all md5",
      })
  void eachRuleIsTurnedByItsMeaning(String before, String after) {
    assertThat(enforced(before + "\nlocal all all peer", ConversionOptions.DEFAULT))
        .containsExactly(after, "local all all peer");
  }

  @Test
  void onlyTheLinesConcernedChange() {
    HbaConversion.Result result =
        HbaConversion.enforce(Hba.document(FILE), ConversionOptions.DEFAULT);
    String expected =
        FILE.replace("host    all             all", "hostssl all             all")
            .replace(
                "hostnossl app", "# disabled by pgseal, it admits plaintext only: hostnossl app")
            .replace("hostnogssenc app", "hostssl app")
            .replace("host\tall", "hostssl\tall")
            .replace("\"host\" all", "hostssl all")
            .replace("host    replication", "hostssl replication");
    assertThat(Hba.text(result.document())).isEqualTo(expected);
    assertThat(result.edits()).extracting(HbaEdit::line).containsExactly(4, 5, 6, 8, 11, 12, 15);
    assertThat(HbaProof.plaintextDoors(result.document(), ProofOptions.STRICT)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Gss.class)
  void thereAndBackGivesTheSameBytes(Gss gss) {
    HbaDocument original = Hba.document(FILE);
    for (Loopback loopback : Loopback.values()) {
      HbaConversion.Result there =
          HbaConversion.enforce(
              original, ConversionOptions.DEFAULT.withGss(gss).withLoopback(loopback));
      HbaConversion.Relaxed back = HbaConversion.relax(there.document(), there.edits());
      assertThat(back.document().bytes()).isEqualTo(original.bytes());
      assertThat(back.conflicts()).isEmpty();
      assertThat(back.edits()).hasSameSizeAs(there.edits());
    }
  }

  @Test
  void gssCanBeKept() {
    ConversionOptions keep = ConversionOptions.DEFAULT.withGss(Gss.KEEP);
    assertThat(enforced("host all all all md5 # c", keep))
        .containsExactly(
            "hostgssenc all all all md5  # pgseal: GSSAPI as before",
            "hostssl all all all md5 # c");
    assertThat(enforced("hostnossl all all all md5", keep))
        .containsExactly("hostgssenc all all all md5");
    assertThat(enforced("hostnogssenc all all all md5", keep))
        .containsExactly("hostssl all all all md5");
  }

  @Test
  void loopbackCanBeKept() {
    ConversionOptions keep = ConversionOptions.DEFAULT.withLoopback(Loopback.KEEP);
    assertThat(enforced("host all all 127.0.0.1/32 md5", keep))
        .containsExactly("host all all 127.0.0.1/32 md5");
    assertThat(enforced("host    all  all  all  md5 # c", keep))
        .containsExactly(
            "host    all  all  127.0.0.0/8  md5  # pgseal: loopback as before",
            "host    all  all  ::1/128  md5  # pgseal: loopback as before",
            "hostssl all  all  all  md5 # c");
    assertThat(enforced("host all all 0.0.0.0 128.0.0.0 md5", keep))
        .containsExactly(
            "host all all 127.0.0.0/8 md5  # pgseal: loopback as before",
            "hostssl all all 0.0.0.0 128.0.0.0 md5");
    assertThat(enforced("host all all 10.0.0.0/8 md5", keep))
        .containsExactly("hostssl all all 10.0.0.0/8 md5");
    assertThat(enforced("hostnossl all all ::/0 md5", keep))
        .containsExactly(
            "hostnossl all all ::1/128 md5  # pgseal: loopback as before",
            "# disabled by pgseal, it admits plaintext only: hostnossl all all ::/0 md5");
  }

  @Test
  void keptLoopbackIsAllThatIsLeftOpen() {
    HbaDocument kept =
        HbaConversion.enforce(
                Hba.document(FILE), ConversionOptions.DEFAULT.withLoopback(Loopback.KEEP))
            .document();
    assertThat(HbaProof.plaintextDoors(kept, ProofOptions.STRICT)).isNotEmpty();
    assertThat(HbaProof.plaintextDoors(kept, ProofOptions.STRICT.withLoopbackExcepted())).isEmpty();
  }

  @Test
  void aGuardShutsPlaintextOutAboveAllRules() {
    HbaDocument original = HbaSentinel.put(Hba.document(FILE), 1);
    HbaConversion.Result result =
        HbaConversion.enforce(original, ConversionOptions.DEFAULT.withStrategy(Strategy.GUARD));
    assertThat(result.document().rules().get(1).text())
        .startsWith("hostnossl all,replication all all reject");
    assertThat(HbaProof.plaintextDoors(result.document(), ProofOptions.STRICT)).isEmpty();
    assertThat(HbaConversion.relax(result.document(), result.edits()).document().bytes())
        .isEqualTo(original.bytes());
  }

  @Test
  void aGuardSparesLoopbackByCopiesOfTheRulesAboveIt() {
    ConversionOptions options =
        ConversionOptions.DEFAULT.withStrategy(Strategy.GUARD).withLoopback(Loopback.KEEP);
    String rules =
        """
        local all all peer
        hostssl all all all cert
        host all bad all reject
        host all all 127.0.0.1/32 md5 # own
        host app app 10.0.0.0/8 md5
        hostssl all all samenet md5
        """;
    assertThat(enforced("# mine\n" + rules, options))
        .containsExactlyElementsOf(
            ("""
            hostssl all all 127.0.0.0/8 cert  # pgseal: loopback as before
            hostssl all all ::1/128 cert  # pgseal: loopback as before
            host all bad 127.0.0.0/8 reject  # pgseal: loopback as before
            host all bad ::1/128 reject  # pgseal: loopback as before
            host all all 127.0.0.1/32 md5  # pgseal: loopback as before
            hostnossl all,replication all all reject  # pgseal: no plaintext from here on
            # mine
            """
                    + rules)
                .lines()
                .toList());
  }

  @Test
  void aGuardSparesGssapiByCopiesOfTheRulesAboveIt() {
    ConversionOptions options =
        ConversionOptions.DEFAULT.withStrategy(Strategy.GUARD).withGss(Gss.KEEP);
    assertThat(
            enforced(
                "hostnossl all bad all reject\n"
                    + "hostnogssenc x x all md5\n"
                    + "host all all 10.0.0.0/8 gss\n",
                options))
        .startsWith(
            "hostgssenc all bad all reject  # pgseal: GSSAPI as before",
            "hostgssenc all all 10.0.0.0/8 gss  # pgseal: GSSAPI as before",
            "hostnossl all,replication all all reject  # pgseal: no plaintext from here on",
            "hostnossl all bad all reject");
  }

  @Test
  void aGuardDoesNotGuessWhetherAHostNameIsLoopback() {
    ConversionOptions options =
        ConversionOptions.DEFAULT.withStrategy(Strategy.GUARD).withLoopback(Loopback.KEEP);
    assertThatThrownBy(
            () -> HbaConversion.enforce(Hba.document("host all all localhost md5\n"), options))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.HBA_NOT_EDITABLE);
              assertThat(e.members()).containsEntry("line", 1);
            });
  }

  @Test
  void aHostnosslLineCanBeRemovedAndComesBackWhereItStood() {
    ConversionOptions options =
        ConversionOptions.DEFAULT.withHostnossl(ConversionOptions.Hostnossl.REMOVE);
    String file =
        "local all all peer\n"
            + "hostnossl a a all md5\r\n"
            + "hostnossl b b all md5\n"
            + "# c\n"
            + "host c c all md5\n"
            + "hostnossl d d all md5";
    HbaConversion.Result there = HbaConversion.enforce(Hba.document(file), options);
    assertThat(Hba.text(there.document()))
        .isEqualTo("local all all peer\n# c\nhostssl c c all md5\n");
    assertThat(there.edits()).extracting(HbaEdit::line).containsExactly(2, 3, 5, 6);
    assertThat(Hba.text(HbaConversion.relax(there.document(), there.edits()).document()))
        .isEqualTo(file);
  }

  @Test
  void aRemovedLineWhoseSurroundingsWereRewrittenStaysAwayAndThatIsSaid() {
    ConversionOptions options =
        ConversionOptions.DEFAULT.withHostnossl(ConversionOptions.Hostnossl.REMOVE);
    HbaConversion.Result there =
        HbaConversion.enforce(
            Hba.document("local a a peer\nhostnossl a a all md5\nlocal b b peer\n"), options);
    HbaDocument byHand = Hba.document("local x x peer\nlocal y y peer\n");
    HbaConversion.Relaxed back = HbaConversion.relax(byHand, there.edits());
    assertThat(back.document().bytes()).isEqualTo(byHand.bytes());
    assertThat(back.conflicts())
        .singleElement()
        .satisfies(c -> assertThat(c.edit().before()).isEqualTo("hostnossl a a all md5\n"));
  }

  @Test
  void aGuardStandsAboveAnIncludeThatComesFirst() {
    HbaDocument document = Hba.document("include x\nhost all all all md5\n");
    HbaDocument guarded =
        HbaConversion.enforce(
                HbaSentinel.put(document, 1),
                ConversionOptions.DEFAULT.withStrategy(Strategy.GUARD))
            .document();
    assertThat(Hba.text(guarded).lines().map(line -> line.split(" ")[0]))
        .containsExactly("host", "hostnossl", "include", "host");
  }

  @Test
  void theWayBackFindsItsLinesThoughOthersMoved() {
    HbaConversion.Result there =
        HbaConversion.enforce(Hba.document(FILE), ConversionOptions.DEFAULT);
    String inserted =
        "# new\nlocal x x trust\n" + Hba.text(there.document()) + "\nlocal y y peer\n";
    HbaConversion.Relaxed back = HbaConversion.relax(Hba.document(inserted), there.edits());
    assertThat(Hba.text(back.document()))
        .isEqualTo("# new\nlocal x x trust\n" + FILE + "\nlocal y y peer\n");
    assertThat(back.conflicts()).isEmpty();
  }

  @Test
  void aLineChangedByHandKeepsTheHandsText() {
    HbaConversion.Result there =
        HbaConversion.enforce(
            Hba.document("host all a all md5\nhost all b all md5\n"), ConversionOptions.DEFAULT);
    String byHand = Hba.text(there.document()).replace("all a all md5", "all a all scram-sha-256");
    HbaConversion.Relaxed back = HbaConversion.relax(Hba.document(byHand), there.edits());
    assertThat(Hba.text(back.document()))
        .isEqualTo("hostssl all a all scram-sha-256\nhost all b all md5\n");
    assertThat(back.conflicts())
        .singleElement()
        .satisfies(c -> assertThat(c.edit().line()).isEqualTo(1));
  }

  @Test
  void equalLinesAreToldApartByWhereTheyStand() {
    HbaDocument original =
        Hba.document("hostssl all all all md5\nhost all all all md5\nhostssl all all all md5\n");
    HbaConversion.Result there = HbaConversion.enforce(original, ConversionOptions.DEFAULT);
    assertThat(HbaConversion.relax(there.document(), there.edits()).document().bytes())
        .isEqualTo(original.bytes());
  }

  @Test
  void takenBackTwiceChangesNothingMore() {
    HbaConversion.Result there =
        HbaConversion.enforce(Hba.document(FILE), ConversionOptions.DEFAULT);
    HbaDocument once = HbaConversion.relax(there.document(), there.edits()).document();
    HbaConversion.Relaxed twice = HbaConversion.relax(once, there.edits());
    assertThat(twice.document().bytes()).isEqualTo(once.bytes());
    assertThat(twice.conflicts()).isEmpty();
    assertThat(twice.edits()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hostssl all all all md5                        | host all all all md5",
        "hostssl all all all reject                     | hostssl all all all reject",
        "hostssl all all all cert                       | hostssl all all all cert",
        "hostssl all all all md5 clientcert=verify-ca   | hostssl all all all md5"
            + " clientcert=verify-ca",
        "hostssl all all all md5 clientname=DN          | hostssl all all all md5 clientname=DN",
        "hostnossl all all all reject                   | hostnossl all all all reject",
      })
  void aServerEnforcedByHandIsRelaxedByMeaning(String before, String after) {
    HbaConversion.Relaxed relaxed = HbaConversion.relax(Hba.document(before), List.of());
    assertThat(Hba.text(relaxed.document())).isEqualTo(after);
    assertThat(relaxed.notes().isEmpty())
        .isEqualTo(!before.equals(after) || before.contains("hostssl all all all reject"));
  }

  @Test
  void theGenerationLineIsNotARuleToConvert() {
    HbaDocument document =
        HbaSentinel.put(Hba.document("host all all all md5\n"), 3, "scram-sha-256");
    HbaConversion.Result result = HbaConversion.enforce(document, ConversionOptions.DEFAULT);
    assertThat(HbaSentinel.generation(result.document())).hasValue(3);
    assertThat(result.edits()).hasSize(1);
  }

  @Test
  void theLastWayInIsNotTakenAway() {
    assertThatThrownBy(
            () ->
                HbaConversion.enforce(
                    Hba.document("hostnossl all all all md5\n"), ConversionOptions.DEFAULT))
        .isInstanceOfSatisfying(
            PgsealException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.LOCKOUT_RISK));
  }

  @Test
  void aRefusedFileIsNotConverted() {
    assertThatThrownBy(
            () -> HbaConversion.enforce(Hba.document("foo\n"), ConversionOptions.DEFAULT))
        .isInstanceOfSatisfying(
            PgsealException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.HBA_INVALID));
  }

  @Test
  void rulesThatWereNotReadStopARewriteButNotAGuard() {
    HbaDocument document = Hba.document("include x\nhost all all all md5\n");
    assertThatThrownBy(() -> HbaConversion.enforce(document, ConversionOptions.DEFAULT))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> assertThat(e.type()).isEqualTo(ProblemType.HBA_NOT_EDITABLE));
    HbaDocument guarded =
        HbaConversion.enforce(document, ConversionOptions.DEFAULT.withStrategy(Strategy.GUARD))
            .document();
    assertThat(HbaProof.plaintextDoors(guarded, ProofOptions.STRICT)).isEmpty();
  }

  @Test
  void editsAreForPeopleToo() {
    var reasons = new ArrayList<String>();
    HbaConversion.enforce(Hba.document(FILE), ConversionOptions.DEFAULT)
        .edits()
        .forEach(edit -> reasons.add(edit.reason()));
    assertThat(reasons).allSatisfy(reason -> assertThat(reason).startsWith("admits plaintext"));
  }
}
