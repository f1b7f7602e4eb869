package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code ?label=env=prod&label=team=a}: all must fit. */
final class LabelSelector {

  private LabelSelector() {}

  /**
   * @throws PgsealException {@code BAD_REQUEST} for one without {@code =} or two values of one key
   */
  static Map<String, String> parse(List<String> selectors) {
    Map<String, String> labels = new HashMap<>();
    for (String selector : selectors) {
      int equals = selector.indexOf('=');
      if (equals < 1) {
        throw refused("A label selector is key=value, such as label=env=prod");
      }
      String key = selector.substring(0, equals);
      String value = selector.substring(equals + 1);
      String before = labels.put(key, value);
      if (before != null && !before.equals(value)) {
        throw refused("No server has two values of the label " + key);
      }
    }
    return labels;
  }

  private static PgsealException refused(String detail) {
    return new PgsealException(ProblemType.BAD_REQUEST, detail).with("parameter", "label");
  }
}
