package dev.pgseal.hba;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Files of this machine. */
final class DirectoryReader implements HbaFileReader {

  @Override
  public byte @Nullable [] read(String path) {
    try {
      Path file = Path.of(path);
      return Files.isRegularFile(file) ? Files.readAllBytes(file) : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public @Nullable List<String> list(String directory) {
    try {
      Path path = Path.of(directory);
      if (!Files.isDirectory(path)) {
        return null;
      }
      try (var files = Files.list(path)) {
        return files
            .filter(Files::isRegularFile)
            .map(file -> file.getFileName().toString())
            .toList();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
