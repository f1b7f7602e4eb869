package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

  private static void refusesTree(Map<String, String> texts, int major) {
    Map<String, byte[]> files = new HashMap<>();
    texts.forEach((path, text) -> files.put(path, HbaText.toBytes(text)));
    assertThatThrownBy(() -> HbaDocument.parse("main", new GivenFiles(files), major))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> assertThat(e.type()).isEqualTo(ProblemType.PAYLOAD_TOO_LARGE));
  }

  @Test
  void aListThatIsUsedAThousandTimes() {
    refusesTree(
        Map.of("main", "host @l @l all md5\n".repeat(1_000), "l", "w\n".repeat(10_000)), 14);
  }

  @Test
  void filesThatAreIncludedHundredsOfThousandsOfTimes() {
    Map<String, String> directory = new HashMap<>();
    directory.put("main", "include_dir d\n".repeat(100_000));
    IntStream.range(0, 150).forEach(i -> directory.put("d/" + i + ".conf", ""));
    refusesTree(directory, 16);
    Map<String, String> nested = new HashMap<>(Map.of("main", "include_dir d\n"));
    IntStream.range(0, 10).forEach(i -> nested.put("d/" + i + ".conf", "include_dir .\n"));
    refusesTree(nested, 16);
    Map<String, String> fan = new HashMap<>(Map.of("main", "include f0\n".repeat(100)));
    IntStream.range(0, 8).forEach(i -> fan.put("f" + i, ("include f" + (i + 1) + "\n").repeat(99)));
    fan.put("f8", "local a a peer\n");
    refusesTree(fan, 16);
  }

  @Test
  void aChainOfThousandsOfLists() {
    Map<String, String> chain = new HashMap<>(Map.of("main", "local @f0 all peer\n"));
    IntStream.range(0, 20_000).forEach(i -> chain.put("f" + i, "@f" + (i + 1) + "\n"));
    refusesTree(chain, 14);
  }

  @Test
  void aPathOfHundredsOfThousandsOfDirectories() {
    Map<String, byte[]> files =
        Map.of("main", HbaText.toBytes("include_if_exists " + "a/".repeat(400_000) + "b\n"));
    HbaDocument document = HbaDocument.parse("main", new GivenFiles(files), 16);
    assertThat(document.refusal()).hasValueSatisfying(why -> why.endsWith("File name too long"));
  }

  @Test
  void halfAMillionLinesBeforeANulByte() {
    judge("local all all trust\n" + "\n".repeat(490_000) + "#\n");
    assertThatThrownBy(() -> judge("local all all trust\n" + "\n".repeat(490_000) + "#\0\n"))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> assertThat(e.type()).isEqualTo(ProblemType.HBA_NOT_EDITABLE));
    assertThatThrownBy(() -> judge("\n".repeat(600_000)))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> assertThat(e.type()).isEqualTo(ProblemType.PAYLOAD_TOO_LARGE));
  }

  @Test
  void aSecretOfAMegabyteIsMasked() {
    String line = "host a b 10.0.0.0/8 ldap ldapserver=l ldapbindpasswd=\"" + "x".repeat(900_000);
    assertThat(HbaText.toShown(line)).hasSizeLessThan(200).endsWith("********");
  }

  @Test
  void pairsOfDifferentNamesByTheMillion() {
    var text = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      int rule = i;
      String names =
          IntStream.range(0, 64)
              .mapToObj(k -> "n" + rule + "_" + k)
              .collect(Collectors.joining(","));
      text.append("host ").append(names).append(' ').append(names).append(" all md5\n");
    }
    judge(text.toString());
  }

  @Test
  void namesThatWitnessesWouldHave() {
    judge(
        IntStream.range(1, 10_000)
                .mapToObj(i -> "hostssl all pgseal_witness" + (i == 1 ? "" : i) + " all md5\n")
                .collect(Collectors.joining())
            + rules("host d%d.%d.%d all 10.0.0.0/8 md5", 10_000));
  }

  @Test
  void findingsAreCountedAndTheWorstAreTold() {
    LintReport report =
        HbaLint.report(
            Hba.document(rules("hostssl d%d.%d.%d all 10.0.0.0/8 md5", 5_000) + "bad\n"),
            LintOptions.UNKNOWN_SERVER);
    assertThat(report.infos()).isEqualTo(5_000);
    assertThat(report.findings()).hasSize(HbaLimits.TOLD);
    assertThat(report.omitted()).isEqualTo(5_001 - HbaLimits.TOLD);
    assertThat(report.findings()).last().extracting(LintFinding::line).isEqualTo(5_001);
  }

  @Test
  void doorsAreCountedAndTheFirstAreTold() {
    HbaProof.Result proof =
        HbaProof.prove(
            Hba.document(rules("host d%d.%d.%d all 10.0.0.0/8 md5", 5_000)), ProofOptions.STRICT);
    assertThat(proof.verdict()).isEqualTo(ProofVerdict.NOT_ENFORCED);
    assertThat(proof.doors()).hasSize(HbaLimits.TOLD);
    assertThat(proof.omitted()).isEqualTo(5_000 - HbaLimits.TOLD);
  }

  /** What is too much to be remembered or looked at counts as open: never the other way round. */
  @Test
  void aProofThatGivesUpSaysSo() {
    String names = IntStream.range(0, 60).mapToObj(k -> "n" + k).collect(Collectors.joining(","));
    var text = new StringBuilder();
    for (int i = 0; i < 2_000; i++) {
      text.append("host ").append(names).append(' ').append(names);
      text.append(" 10.").append(i % 250).append(".0.1 255.0.85.85 reject\n");
    }
    text.append("host n1 n1 10.0.0.1 255.0.85.85 md5\n");
    HbaProof.Result proof = HbaProof.prove(Hba.document(text.toString()), ProofOptions.STRICT);
    assertThat(proof.verdict()).isIn(ProofVerdict.UNDECIDED, ProofVerdict.ENFORCED);
    text.append("host all all all md5\n");
    proof = HbaProof.prove(Hba.document(text.toString()), ProofOptions.STRICT);
    assertThat(proof.verdict()).isNotEqualTo(ProofVerdict.ENFORCED);
  }
}
