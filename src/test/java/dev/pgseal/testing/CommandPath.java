package dev.pgseal.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What our own PATH has, and a PATH that lacks a command. */
public final class CommandPath {

  private CommandPath() {}

  public static boolean has(String command) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, command)));
  }

  /**
   * @param links is made, and gets a link to every other command of our own PATH
   * @return the new PATH
   */
  static String without(String command, Path links) throws IOException {
    Files.createDirectory(links);
    for (String directory : System.getenv("PATH").split(":")) {
      if (Files.isDirectory(Path.of(directory))) {
        link(Path.of(directory), command, links);
      }
    }
    return links.toString();
  }

  private static void link(Path directory, String missing, Path links) throws IOException {
    try (Stream<Path> commands = Files.list(directory)) {
      for (Path command : commands.toList()) {
        Path link = links.resolve(command.getFileName());
        if (!command.endsWith(missing) && Files.notExists(link)) {
          Files.createSymbolicLink(link, command.toAbsolutePath());
        }
      }
    }
  }
}
