package dev.pgseal.api;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaEntry;
import dev.pgseal.hba.HbaError;
import dev.pgseal.hba.HbaLimits;
import dev.pgseal.hba.HbaRule;
import dev.pgseal.hba.HbaText;
import dev.pgseal.hba.HbaUnread;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What PostgreSQL makes of a text, record by record. Passwords and shared secrets are masked.
 *
 * @param reloadRefused whether a reload would keep the old rules, and a start fail
 * @param refusal why, in PostgreSQL's words; null when it is not
 * @param accepted records that load and can match
 * @param cannotMatch records that load and do nothing
 * @param refused records because of which the whole is refused
 * @param notRead references to files that were not given
 * @param records in the order in which PostgreSQL tries them
 * @param omitted how many there are beside those that are told
 */
@Schema(name = "HbaParse")
public record HbaParseView(
    int postgresMajor,
    boolean reloadRefused,
    @Nullable String refusal,
    int accepted,
    int cannotMatch,
    int refused,
    int notRead,
    List<Entry> records,
    int omitted) {

  private static final int TEXT = 10_000;
  private static final int WORDS = 1_000;

  /** Characters of one answer, more or less. */
  private static final int WEIGHT = 2 << 20;

  private static final int WEIGHT_OF_A_RECORD = 400;
  private static final int WEIGHT_OF_A_WORD = 40;

  /** What becomes of a record. */
  @Schema(name = "HbaVerdict")
  public enum Verdict {
    /** It loads, and can match. */
    ACCEPTED,
    /** It loads, and can never match. */
    CANNOT_MATCH,
    /** Because of it the whole is refused. */
    REFUSED,
    /** It refers to a file that was not given. */
    NOT_READ
  }

  /**
   * One record.
   *
   * @param line number of its first line
   * @param column where in the line the error is; null when there is none, or it is not known
   * @param error PostgreSQL's words, as in its log; null when it loads and can match
   * @param viewError column {@code error} of pg_hba_file_rules, where it differs from the log; null
   *     when it is the same
   * @param rule the fields of what loads; null when it does not
   * @param shortened whether lists or the text are longer than is told
   */
  @Schema(name = "HbaRecord")
  public record Entry(
      Verdict verdict,
      String file,
      int line,
      @Nullable Integer column,
      @Nullable String error,
      @Nullable String viewError,
      String text,
      HbaView.@Nullable Rule rule,
      boolean shortened) {

    private int weight() {
      int words = rule == null ? 0 : rule.databases().size() + rule.users().size();
      int fields = rule == null ? 0 : 2 * rule.text().length();
      int reasons = error == null ? 0 : 2 * error.length();
      return WEIGHT_OF_A_RECORD + text.length() + fields + reasons + words * WEIGHT_OF_A_WORD;
    }
  }

  /**
   * @param wanted only records of this verdict are told; null for all
   */
  static HbaParseView of(HbaDocument document, @Nullable Verdict wanted) {
    Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
    List<Entry> records = new ArrayList<>();
    int omitted = 0;
    int weight = 0;
    for (HbaEntry entry : document.entries()) {
      Verdict verdict = verdict(entry);
      counts.merge(verdict, 1, Integer::sum);
      if (wanted != null && wanted != verdict) {
        continue;
      }
      if (records.size() < HbaLimits.TOLD && weight < WEIGHT) {
        Entry record = record(entry, verdict);
        weight += record.weight();
        records.add(record);
      } else {
        omitted++;
      }
    }
    return new HbaParseView(
        document.dialect().major(),
        document.refused(),
        document.refusal().map(why -> HbaText.shortened(HbaText.toShown(why), TEXT)).orElse(null),
        counts.getOrDefault(Verdict.ACCEPTED, 0),
        counts.getOrDefault(Verdict.CANNOT_MATCH, 0),
        counts.getOrDefault(Verdict.REFUSED, 0),
        counts.getOrDefault(Verdict.NOT_READ, 0),
        records,
        omitted);
  }

  private static Verdict verdict(HbaEntry entry) {
    if (entry instanceof HbaRule rule) {
      return rule.cannotMatch() == null ? Verdict.ACCEPTED : Verdict.CANNOT_MATCH;
    }
    return entry instanceof HbaError ? Verdict.REFUSED : Verdict.NOT_READ;
  }

  private static Entry record(HbaEntry entry, Verdict verdict) {
    if (entry instanceof HbaRule rule) {
      HbaView.Rule whole = HbaView.rule(rule, false);
      HbaView.Rule told = whole.shortened(WORDS, TEXT);
      return new Entry(
          verdict,
          rule.file(),
          rule.line(),
          null,
          rule.cannotMatch(),
          null,
          told.text(),
          told,
          !told.equals(whole));
    }
    if (entry instanceof HbaError error) {
      return record(HbaView.error(error, false), verdict);
    }
    HbaUnread unread = (HbaUnread) entry;
    String reference = HbaText.toReadable(unread.reference());
    return new Entry(
        verdict,
        unread.file(),
        unread.line(),
        null,
        HbaText.shortened("refers to \"" + reference + "\", which was not given", TEXT),
        null,
        HbaText.shortened(reference, TEXT),
        null,
        reference.length() > TEXT);
  }

  private static Entry record(HbaError shown, Verdict verdict) {
    String view = shown.viewError();
    boolean same = Objects.equals(view, shown.message());
    return new Entry(
        verdict,
        shown.file(),
        shown.line(),
        shown.column() == 0 ? null : shown.column(),
        HbaText.shortened(shown.message(), TEXT),
        same || view == null ? null : HbaText.shortened(view, TEXT),
        HbaText.shortened(shown.text(), TEXT),
        null,
        shown.text().length() > TEXT || shown.message().length() > TEXT);
  }
}
