package dev.pgseal.fuzz;

import java.util.List;

/** Who calls, beside those with a token that is good. */
final class Caller {

  static final String NOBODY = "nobody";

  /** What stands in place of a good {@code Authorization}. */
  static final List<String> WRONG =
      List.of(
          "Bearer pgs_wrong",
          "Bearer",
          "Bearer ",
          "Bearer a b",
          "Bearer " + "a".repeat(3_000),
          "Basic YWRtaW46YWRtaW4=",
          "Bearer ' OR '1'='1",
          "Bearer \u00ff\u00fe",
          "bearer null",
          "Digest username=\"x\"");

  private Caller() {}
}
