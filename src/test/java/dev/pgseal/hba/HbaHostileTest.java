package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Texts that are meant to hurt are answered in time, with a result or a problem. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class HbaHostileTest {

  private static void judge(String text) {
    for (int major : new int[] {14, 18}) {
      HbaDocument document = Hba.document(text, major);
      HbaLint.lint(document, LintOptions.UNKNOWN_SERVER);
      HbaMatcher.decide(document, Hba.plaintext("10.0.0.1", "nodb", "nouser"));
      if (!document.refused()) {
        HbaProof.plaintextDoors(document, ProofOptions.STRICT);
        HbaConversion.Result there = HbaConversion.enforce(document, ConversionOptions.DEFAULT);
        assertThat(HbaConversion.takeBack(there.document(), there.edits()).document().bytes())
            .isEqualTo(document.bytes());
      }
    }
  }

  private static String rules(String pattern, int count) {
    var text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(String.format(pattern, i / 65536 % 256, i / 256 % 256, i % 256)).append('\n');
    }
    return text.toString();
  }

  @Test
  void aHundredThousandRules() {
    judge(rules("host d%d u%d,v 10.0.%d.0/24 md5", 100_000));
  }

  @Test
  void aHundredThousandEqualRules() {
    judge("host all all all md5\n".repeat(100_000));
  }

  @Test
  void aHundredThousandScatteredAddresses() {
    judge(
        rules("host all all 10.%d.%d.%d/32 reject", 50_000).replace(".0/32", ".0/31")
            + rules("host all u%d.%d.%d 10.0.0.0/8 md5", 50_000));
  }

  @Test
  void listsOfTenThousand() {
    String list = "x,".repeat(9_999) + "y";
    judge("host " + list + " " + list + " all md5\nhost " + list + " " + list + " all md5\n");
  }

  @Test
  void aLineOfTenMegabytes() {
    assertThatThrownBy(() -> judge("local " + "x".repeat(10 << 20) + " all trust\n"))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> assertThat(e.type()).isEqualTo(ProblemType.PAYLOAD_TOO_LARGE));
  }

  @Test
  void aFileOfTwentyMegabytes() {
    assertThatThrownBy(() -> judge("#\n".repeat(10 << 20)))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> assertThat(e.type()).isEqualTo(ProblemType.PAYLOAD_TOO_LARGE));
  }

  @Test
  void millionsOfContinuations() {
    judge("local all all trust \\\n" + "\\\n".repeat(400_000) + "\nlocal x x trust\n");
  }

  @Test
  void manyNulBytes() {
    String text = "local all all trust\n#" + "\0".repeat(1 << 19) + "\nx\n";
    assertThatThrownBy(() -> judge(text))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> assertThat(e.type()).isEqualTo(ProblemType.HBA_NOT_EDITABLE));
  }

  @Test
  void expressionsThatExplode() {
    judge("host /" + "(".repeat(50_000) + ")".repeat(50_000) + " all all md5\n");
    judge("host /^((a{1,255}){1,255}){1,255}$ all all md5\nhost all /(x+x+)+y all md5\n");
    judge("host \"/" + "[a".repeat(4_000) + "\" all all md5\n");
    judge(rules("host /a%d.%d.%d$ /^(u+)+$ all md5", 5_000));
  }
}
