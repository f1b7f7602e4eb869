package dev.pgseal.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** How far the requests of each operation came. */
final class Tally {

  /** Answers of what stands before an operation's own work. */
  private static final Set<Integer> BEFORE =
      Set.of(400, 401, 403, 404, 405, 406, 413, 414, 415, 429, 431);

  /** One operation's. */
  static final class Row {
    int sent;
    int done;
    int past;
    final Map<Integer, Integer> byStatus = new TreeMap<>();
  }

  private final Map<String, Row> rows = new TreeMap<>();

  synchronized void count(String operation, int status) {
    Row row = rows.computeIfAbsent(operation, id -> new Row());
    row.sent++;
    row.byStatus.merge(status, 1, Integer::sum);
    if (status < 300) {
      row.done++;
    }
    if (!BEFORE.contains(status)) {
      row.past++;
    }
  }

  synchronized int sent() {
    return rows.values().stream().mapToInt(row -> row.sent).sum();
  }

  synchronized int past() {
    return rows.values().stream().mapToInt(row -> row.past).sum();
  }

  /** The operations none of whose requests came to their own work. */
  synchronized List<String> shallow() {
    List<String> ids = new ArrayList<>();
    rows.forEach(
        (id, row) -> {
          if (row.past == 0) {
            ids.add(id);
          }
        });
    return ids;
  }

  @Override
  public synchronized String toString() {
    StringBuilder table = new StringBuilder();
    table.append(
        "%-28s %6s %6s %6s  %s%n".formatted("operation", "sent", "done", "past", "by status"));
    rows.forEach(
        (id, row) ->
            table.append(
                "%-28s %6d %6d %6d  %s%n"
                    .formatted(id, row.sent, row.done, row.past, row.byStatus)));
    return table.append("%d requests, %d past validation%n".formatted(sent(), past())).toString();
  }
}
