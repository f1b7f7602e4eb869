package dev.pgseal.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.stream.Collectors;

/** The configuration files inside the data directory of a server of our own. */
public record ServerFiles(Path dataDirectory) {

  /** Appends settings to {@code postgresql.conf}; the last line of a name wins. */
  public void set(Map<String, String> settings) throws IOException {
    append("postgresql.conf", settings);
  }

  /**
   * Makes this data directory, a copy of its primary's, the one of a hot standby.
   *
   * @param primaryConninfo a libpq connection string; kept where {@code pg_basebackup -R} keeps it
   */
  public void followAsStandby(String primaryConninfo) throws IOException {
    Path signal = dataDirectory.resolve("standby.signal");
    if (Files.notExists(signal)) { // the copy of a standby has it already
      Files.createFile(signal);
    }
    append("postgresql.auto.conf", Map.of("primary_conninfo", primaryConninfo));
  }

  public Path hba() {
    return dataDirectory.resolve("pg_hba.conf");
  }

  private void append(String file, Map<String, String> settings) throws IOException {
    String lines =
        settings.entrySet().stream()
            .map(setting -> setting.getKey() + " = " + quoted(setting.getValue()))
            .collect(Collectors.joining("\n", "", "\n"));
    Files.writeString(dataDirectory.resolve(file), lines, StandardOpenOption.APPEND);
  }

  /** PostgreSQL {@code guc-file.l}: a quote is doubled and a backslash escapes. */
  private static String quoted(String value) {
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
  }
}
