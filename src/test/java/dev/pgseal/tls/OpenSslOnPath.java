package dev.pgseal.tls;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Whether the servers of the tests, which share our host and PATH, find an openssl command. */
final class OpenSslOnPath {

  private OpenSslOnPath() {}

  static boolean installed() {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "openssl")));
  }
}
