package dev.pgseal.bench;

import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long {@code SELECT count(*) FROM pg_hba_file_rules} takes.
 *
 * @param micros median of some rounds by number of rules, in microseconds
 * @param cpuMillis CPU of the backend for the last and largest of them, each; NaN but on Linux
 */
record HbaServerTimes(Map<Integer, Double> micros, double cpuMillis) {

  private static final int ROUNDS = 9;
  private static final int TICK_MILLIS = 10;

  static HbaServerTimes measure(int... sizes) throws SQLException, IOException {
    var micros = new TreeMap<Integer, Double>();
    double cpu = Double.NaN;
    try (PostgresServer server = PostgresServer.start(HbaRules.MAJOR);
        Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      Path stat = Path.of("/proc/" + number(statement, "SELECT pg_backend_pid()") + "/stat");
      for (int rules : sizes) {
        Files.write(server.hbaFile(), HbaRules.file(rules));
        double before = cpuMillis(stat);
        micros.put(rules, median(statement, rules));
        cpu = (cpuMillis(stat) - before) / ROUNDS;
      }
    }
    return new HbaServerTimes(micros, cpu);
  }

  private static double median(Statement statement, int rules) throws SQLException {
    double[] times = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      int rows = number(statement, "SELECT count(*) FROM pg_hba_file_rules");
      times[i] = (System.nanoTime() - start) / 1e3;
      if (rows != rules) {
        throw new IllegalStateException("PostgreSQL has %d rows".formatted(rows));
      }
    }
    Arrays.sort(times);
    return times[ROUNDS / 2];
  }

  private static int number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getInt(1);
    }
  }

  /** utime and stime of proc(5), which count in hundredths of a second. */
  private static double cpuMillis(Path stat) throws IOException {
    if (!Files.exists(stat)) {
      return Double.NaN;
    }
    String[] fields = Files.readString(stat).replaceFirst(".*\\) ", "").split(" ");
    return (double) TICK_MILLIS * (Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
  }
}
