package dev.pgseal.fuzz;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What there is to be named in requests.
 *
 * @param guarded managed servers that no request may change
 * @param decoys managed servers that are gone: whatever is asked of them ends at the connection
 * @param sandbox a managed server that requests may change
 * @param spare managed servers that may be changed as entries and forgotten
 * @param port of the sandbox; no request names another one that somebody listens at
 * @param etag answers the ETag of a path now
 */
record Things(
    List<String> guarded,
    List<String> decoys,
    String sandbox,
    List<String> spare,
    List<String> authorities,
    List<String> certificates,
    List<String> endedJobs,
    List<String> openJobs,
    List<String> spareTokens,
    List<String> ruleIds,
    int port,
    Map<String, String> tokens,
    UnaryOperator<String> etag) {

  static final String NOWHERE = "nobody-has-this-name";
  static final int CLOSED_PORT = 1;

  /** Which servers a request may name. */
  enum Reach {
    /** Those that must stay as they are. */
    GUARDED,
    /** Those that may be changed, and those that are not there. */
    OPEN,
    /** Those whose entries may be changed or forgotten. */
    ENTRIES
  }

  String server(Reach reach, Draw draw) {
    return switch (reach) {
      case GUARDED -> draw.from(guarded);
      case ENTRIES -> draw.percent(80) ? draw.from(spare) : NOWHERE;
      case OPEN -> {
        int chance = draw.below(100);
        yield chance < 16 ? sandbox : chance < 75 ? draw.from(decoys) : NOWHERE;
      }
    };
  }
}
