package dev.pgseal.posture;

import dev.pgseal.tls.SslState;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What others are told of.
 *
 * @param before null when it is the first grade of the server
 */
public record GradeChange(
    String server,
    Map<String, String> labels,
    @Nullable Grade before,
    Grade after,
    SslState.Mode mode,
    List<FindingCode> findings,
    Instant scannedAt) {

  /** The body that receivers get; part of the API. */
  public Map<String, Object> event() {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("server", server);
    data.put("labels", labels);
    if (before != null) {
      data.put("before", before);
    }
    data.put("after", after);
    data.put("mode", mode);
    data.put("findings", findings);
    data.put("scannedAt", scannedAt);
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("type", "posture.grade.changed");
    event.put("timestamp", scannedAt);
    event.put("data", data);
    return event;
  }
}
