package dev.pgseal.posture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** All findings of one observation, the worst first. */
final class Findings {

  /** A huge pg_hba.conf must not make a huge report; what was left out is counted. */
  static final int MOST_OF_A_KIND = 50;

  private static final Comparator<PostureFinding> WORST_FIRST =
      Comparator.comparing(PostureFinding::severity).thenComparing(PostureFinding::code);

  private Findings() {}

  static List<PostureFinding> of(Observation seen) {
    return limited(
        Stream.of(
                ModeFindings.of(seen),
                CertificateFindings.of(seen),
                ProtocolFindings.of(seen.protocols()),
                RuleFindings.of(seen.inside().lint()),
                DriftFindings.of(seen))
            .flatMap(List::stream)
            .sorted(WORST_FIRST)
            .toList());
  }

  static List<PostureFinding> limited(List<PostureFinding> all) {
    Map<FindingCode, Integer> counts = new HashMap<>();
    List<PostureFinding> kept = new ArrayList<>();
    for (PostureFinding finding : all) {
      if (counts.merge(finding.code(), 1, Integer::sum) <= MOST_OF_A_KIND) {
        kept.add(finding);
      }
    }
    counts.forEach(
        (code, count) -> {
          if (count > MOST_OF_A_KIND) {
            kept.add(
                PostureFinding.of(
                    code,
                    "and %d more of this kind".formatted(count - MOST_OF_A_KIND),
                    "Mend those that are shown first"));
          }
        });
    kept.sort(WORST_FIRST);
    return kept;
  }
}
