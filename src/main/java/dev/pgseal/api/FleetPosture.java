package dev.pgseal.api;

import dev.pgseal.posture.FindingCode;
import dev.pgseal.posture.Grade;
import dev.pgseal.posture.ServerPosture;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Postures of many servers. */
@Schema(name = "FleetPosture")
public record FleetPosture(
    @Schema(
            description =
                "How many of all servers that fit have which grade, not only of this page",
            examples = "{\"A\": 12, \"D\": 1}")
        Map<Grade, Integer> summary,
    List<ServerPosture> servers,
    @Nullable String nextPageToken) {

  private static final List<String> COLUMNS =
      List.of(
          "server",
          "grade",
          "mode",
          "reachable",
          "plaintextSessions",
          "certificateNotAfter",
          "findings",
          "scannedAt",
          "labels");

  static String csvHeader() {
    return Csv.line(COLUMNS);
  }

  static String csv(ServerPosture posture) {
    return Csv.line(
        List.of(
            posture.server(),
            posture.grade().name(),
            posture.mode().name(),
            Boolean.toString(posture.reachable()),
            posture.plaintextSessions() == null
                ? "UNKNOWN"
                : posture.plaintextSessions().toString(),
            Objects.toString(posture.certificateNotAfter(), ""),
            posture.findings().stream().map(FindingCode::name).collect(Collectors.joining(";")),
            Objects.toString(posture.scannedAt(), ""),
            new TreeMap<>(posture.labels())
                .entrySet().stream()
                    .map(label -> label.getKey() + "=" + label.getValue())
                    .collect(Collectors.joining(";"))));
  }
}
