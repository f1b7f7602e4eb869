package dev.pgseal.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a server says of itself in {@code postmaster.pid} (PostgreSQL {@code
 * src/include/utils/pidfile.h}).
 *
 * @param port TCP port, also part of the socket's name
 * @param socketDirectory empty text when there is none
 * @param listenAddress the first address that could be bound, empty text when there is none
 * @param status {@code starting}, {@code stopping}, {@code ready} or {@code standby}; a hot standby
 *     takes sessions in {@code ready} as well
 */
public record PostmasterFile(
    long pid,
    Path dataDirectory,
    int port,
    String socketDirectory,
    String listenAddress,
    String status) {

  private static final int LINES = 8;

  /**
   * Reads the file of a data directory.
   *
   * @return empty when there is no file, or a server has not written all of it yet
   */
  static Optional<PostmasterFile> read(Path dataDirectory) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(path(dataDirectory));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (lines.size() < LINES) {
      return Optional.empty();
    }
    return Optional.of(
        new PostmasterFile(
            Long.parseLong(lines.get(0).strip()),
            Path.of(lines.get(1)),
            Integer.parseInt(lines.get(3).strip()),
            lines.get(4).strip(),
            lines.get(5).strip(),
            lines.get(7).strip()));
  }

  static Path path(Path dataDirectory) {
    return dataDirectory.resolve("postmaster.pid");
  }

  /** Sessions are taken, if only read-only ones. */
  public boolean ready() {
    return status.equals("ready");
  }
}
