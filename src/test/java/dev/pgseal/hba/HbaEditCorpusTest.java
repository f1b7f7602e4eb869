package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.difflib.DiffUtils;
import com.github.difflib.patch.AbstractDelta;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** An edit changes the lines of its rule and no others, whatever lies around them. */
class HbaEditCorpusTest {

  private static final int FILES = 60;
  private static final String RULE = "hostssl edited edited 192.0.2.0/24 reject";

  private int edits;

  @Test
  void anEditChangesOnlyTheIntendedLines() {
    RandomGenerator random = OracleScale.random(16);
    for (int i = 0; i < FILES; i++) {
      HbaDocument document = file(random);
      List<HbaRule> rules = document.rules();
      for (HbaRule rule : rules) {
        HbaRule other = rules.get(random.nextInt(rules.size()));
        checkEdits("seed " + OracleScale.SEED + ", file " + i, document, rule, other);
      }
    }
    System.out.println(edits + " edits of corpus files, each of its own lines only");
    assertThat(edits).isGreaterThan(1_000);
  }

  /** Lines of the corpus in any order, with either line end, the last one maybe without. */
  private static HbaDocument file(RandomGenerator random) {
    List<String> lines =
        HbaCorpus.LINES.stream()
            .filter(line -> line.indexOf('\0') < 0 && !line.endsWith("\r"))
            .toList();
    String lineEnd = random.nextInt(3) == 0 ? "\r\n" : "\n";
    var text = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      text.append(lines.get(random.nextInt(lines.size())).replace("\n", lineEnd)).append(lineEnd);
      text.append(random.nextInt(4) == 0 ? lineEnd : "");
      text.append(random.nextInt(4) == 0 ? "  # a comment" + lineEnd : "");
    }
    text.append("local last last trust").append(random.nextBoolean() ? lineEnd : "");
    return Hba.document(text.toString());
  }

  private void checkEdits(String where, HbaDocument document, HbaRule rule, HbaRule other) {
    String id = rule.id();
    List<Integer> own = ownLines(document, rule);
    int removed = own.size();

    assertChanged(where + " remove", document, HbaEditor.remove(document, id), own, removed, 0);
    HbaDocument replaced = HbaEditor.replace(document, id, RULE);
    assertChanged(where + " replace", document, replaced, own, removed, 1);
    assertThat(replaced.rules()).extracting(HbaRule::text).anyMatch(t -> t.contains("edited"));
    HbaDocument disabled = HbaEditor.commentOut(document, id, "old");
    assertChanged(where + " disable", document, disabled, own.subList(0, 1), 1, 1);
    assertThat(disabled.rules()).hasSize(document.rules().size() - 1);
    assertChanged(
        where + " insert", document, HbaEditor.insertBefore(document, id, RULE), List.of(), 0, 1);
    if (!id.equals(other.id()) && !isOpenEnded(document, rule)) {
      HbaDocument moved = HbaEditor.moveAfter(document, id, other.id());
      assertThat(moved.rules()).as(where + " move").hasSize(document.rules().size());
      assertThat(sorted(moved)).as(where + " move").isEqualTo(sorted(document));
    }
    edits += 5;
  }

  private static boolean isOpenEnded(HbaDocument document, HbaRule rule) {
    TokenizedLine line = document.located(rule.id()).orElseThrow().source();
    return document.main().content().substring(0, HbaEditor.bodyEnd(line)).endsWith("\\");
  }

  /** Indexes of the physical lines. */
  private static List<Integer> ownLines(HbaDocument document, HbaRule rule) {
    LogicalLine line = document.located(rule.id()).orElseThrow().source().line();
    String content = document.main().content();
    int first = (int) content.substring(0, line.start()).chars().filter(c -> c == '\n').count();
    String raw = content.substring(line.start(), line.end());
    int count = (int) raw.chars().filter(c -> c == '\n').count() + (raw.endsWith("\n") ? 0 : 1);
    var own = new ArrayList<Integer>();
    for (int i = 0; i < count; i++) {
      own.add(first + i);
    }
    return own;
  }

  private static void assertChanged(
      String what, HbaDocument before, HbaDocument after, List<Integer> own, int gone, int added) {
    List<String> old = lines(before);
    List<String> now = lines(after);
    assertThat(now.size() - old.size()).as(what).isEqualTo(added - gone);
    int lost = 0;
    for (AbstractDelta<String> delta : DiffUtils.diff(old, now).getDeltas()) {
      lost += delta.getSource().size();
      assertThat(delta.getTarget().size()).as(what).isLessThanOrEqualTo(added);
      for (String line : delta.getSource().getLines()) {
        assertThat(own.stream().map(old::get)).as(what).contains(line);
      }
    }
    assertThat(lost).as(what).isLessThanOrEqualTo(gone);
  }

  private static List<String> sorted(HbaDocument document) {
    return lines(document).stream().sorted().toList();
  }

  /** Physical lines without their ends: one that is last may get an end. */
  private static List<String> lines(HbaDocument document) {
    String text = Hba.text(document).replace("\r\n", "\n");
    List<String> lines = new ArrayList<>(Arrays.asList(text.split("\n", -1)));
    if (lines.get(lines.size() - 1).isEmpty()) {
      lines.remove(lines.size() - 1);
    }
    return lines;
  }
}
