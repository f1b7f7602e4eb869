package dev.pgseal.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;

/** The CPU time of a process with all its children, those that have ended included (proc(5)). */
final class ProcessTree {

  /** USER_HZ, which is 100 on all architectures that the kernel shows it for. */
  private static final int TICKS_A_SECOND = 100;

  private ProcessTree() {}

  /**
   * @param dataDirectory of a server that runs
   */
  static Duration ofPostmaster(Path dataDirectory) {
    try (Stream<String> lines = Files.lines(dataDirectory.resolve("postmaster.pid"))) {
      return cpu(Long.parseLong(lines.findFirst().orElseThrow().strip()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Duration cpu(long pid) {
    ProcessHandle root = ProcessHandle.of(pid).orElseThrow();
    return Stream.concat(Stream.of(root), root.descendants())
        .map(process -> spent(process.pid()))
        .reduce(Duration.ZERO, Duration::plus);
  }

  private static Duration spent(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      // fields from the third on, after the name in parentheses: utime, stime, cutime, cstime are
      // 14 to 17
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      long ticks = Arrays.stream(fields, 11, 15).mapToLong(Long::parseLong).sum();
      return Duration.ofMillis(ticks * 1000 / TICKS_A_SECOND);
    } catch (IOException e) {
      return Duration.ZERO; // it has just ended: its parent has its time
    }
  }
}
