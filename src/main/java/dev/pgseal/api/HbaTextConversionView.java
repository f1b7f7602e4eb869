package dev.pgseal.api;

import dev.pgseal.hba.EditDiff;
import dev.pgseal.hba.HbaConversion;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaEdit;
import dev.pgseal.hba.HbaLimits;
import dev.pgseal.hba.HbaText;
import dev.pgseal.hba.ProofOptions;
import dev.pgseal.tls.RulesConversion;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What a conversion would make of texts. Passwords and shared secrets are masked.
 *
 * @param diff unified, over all files; empty when there is nothing to change
 * @param edits from top to bottom, the first 1000, long lines cut
 * @param omittedEdits how many there are beside those that are told; the diff ends with them
 * @param notes what it leaves or changes beside its aim
 * @param proof of the texts as they would be
 */
@Schema(name = "HbaTextConversion")
public record HbaTextConversionView(
    RulesConversion.Direction direction,
    String diff,
    List<Edit> edits,
    int omittedEdits,
    List<String> notes,
    HbaProofView proof) {

  private static final int TEXT = 1_000;

  /** Characters of all edits that are told. */
  private static final int WEIGHT = 500_000;

  /**
   * A change.
   *
   * @param line of the first line concerned, before the change
   * @param before the line as it is; empty where lines are added
   * @param after what is to stand there; may be several lines
   */
  @Schema(name = "HbaTextEdit")
  public record Edit(String file, int line, String before, String after, String reason) {

    private static Edit of(HbaEdit edit) {
      return new Edit(
          edit.file(), edit.line(), shown(edit.before()), shown(edit.after()), edit.reason());
    }
  }

  static HbaTextConversionView of(
      RulesConversion.Direction direction,
      HbaDocument before,
      HbaConversion.Result result,
      ProofOptions options) {
    List<HbaEdit> edits = result.edits();
    List<HbaEdit> told = told(edits);
    return new HbaTextConversionView(
        direction,
        EditDiff.unified(before, told),
        told.stream().map(Edit::of).toList(),
        edits.size() - told.size(),
        result.notes().stream()
            .limit(HbaLimits.TOLD)
            .map(note -> HbaText.shortened(note, TEXT))
            .toList(),
        HbaProofView.of(result.document(), options));
  }

  private static List<HbaEdit> told(List<HbaEdit> edits) {
    int count = 0;
    int weight = 0;
    while (count < edits.size() && count < HbaLimits.TOLD && weight < WEIGHT) {
      HbaEdit edit = edits.get(count++);
      weight += edit.before().length() + edit.after().length();
    }
    return edits.subList(0, count);
  }

  private static String shown(String byteText) {
    return HbaText.shortened(HbaText.toShown(byteText), TEXT);
  }
}
