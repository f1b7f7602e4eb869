package dev.pgseal.api;

import dev.pgseal.problem.ProblemType;
import java.util.Arrays;
import java.util.List;

/** A type of problem as it is explained. */
public record ProblemTypeView(String type, String title, int status, String meaning, String cure) {

  static ProblemTypeView of(ProblemType type) {
    return new ProblemTypeView(
        type.uri(), type.title(), type.status(), type.meaning(), type.cure());
  }

  /** All of them, as the enum has them: by status. */
  static List<ProblemTypeView> all() {
    return Arrays.stream(ProblemType.values()).map(ProblemTypeView::of).toList();
  }
}
