package dev.pgseal.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What must not grow.
 *
 * @param heapKiB used after a full collection
 * @param residentKiB memory of the process
 * @param threads of the JVM, without those of the worker pool
 * @param workers threads of the worker pool, which has as many as requests need at a time, up to
 *     200
 * @param control connections with the control database
 * @param managed connections with the managed server
 */
record Gauges(
    long heapKiB,
    long residentKiB,
    long threads,
    long workers,
    long files,
    long control,
    long managed) {

  private static final Pattern USED = Pattern.compile("used (\\d+)K");
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern THREAD = Pattern.compile("^\"([^\"]*)\"", Pattern.MULTILINE);
  private static final String WORKER = "executor-thread-";

  static Gauges of(long pid, Connection control, Connection managed)
      throws IOException, InterruptedException, SQLException {
    jcmd(pid, "GC.run");
    String status = Files.readString(Path.of("/proc/" + pid + "/status"));
    List<String> names =
        THREAD.matcher(jcmd(pid, "Thread.print")).results().map(thread -> thread.group(1)).toList();
    long workers = names.stream().filter(name -> name.startsWith(WORKER)).count();
    long files;
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      files = open.count();
    }
    return new Gauges(
        number(USED, jcmd(pid, "GC.heap_info")),
        number(RESIDENT, status),
        names.size() - workers,
        workers,
        files,
        connections(control),
        connections(managed));
  }

  private static String jcmd(long pid, String command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/jcmd").toString(),
                Long.toString(pid),
                command)
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    return text;
  }

  private static long number(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException("No " + pattern + " in " + text);
    }
    return Long.parseLong(matcher.group(1));
  }

  private static long connections(Connection database) throws SQLException {
    try (Statement statement = database.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select count(*) from pg_stat_activity where application_name = 'pgseal'")) {
      rows.next();
      return rows.getLong(1);
    }
  }

  @Override
  public String toString() {
    return "heap %6d KiB   resident %7d KiB   threads %3d   workers %3d   files %4d   control %3d   managed %2d"
        .formatted(heapKiB, residentKiB, threads, workers, files, control, managed);
  }
}
