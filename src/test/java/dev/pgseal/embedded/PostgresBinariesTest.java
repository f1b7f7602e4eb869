package dev.pgseal.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarOutputStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresBinariesTest {

  @TempDir Path cache;

  @Test
  void concurrentUnpackersGetOneCompleteDirectory() throws Exception {
    var homes =
        IntStream.range(0, 2)
            .parallel()
            .mapToObj(i -> PostgresBinaries.fromClasspath(cache).orElseThrow().home())
            .distinct()
            .toList();

    assertThat(homes).hasSize(1);
    try (var left = Files.list(cache)) {
      assertThat(left).containsExactlyElementsOf(homes);
    }
  }

  @Test
  void programsAreExecutableAndLibraryLinksAreKept() throws Exception {
    PostgresBinaries binaries = PostgresBinaries.fromClasspath(cache).orElseThrow();

    assertThat(binaries.bin().resolve("postgres")).isExecutable();
    assertThat(binaries.home().resolve("share/postgresql/postgres.bki")).isRegularFile();
    try (var libraries = Files.list(binaries.home().resolve("lib"))) {
      assertThat(libraries).anyMatch(Files::isSymbolicLink);
    }
  }

  @Test
  void aJarWithoutBinariesIsNamed() throws Exception {
    Path jar = cache.resolve("empty.jar");
    new JarOutputStream(Files.newOutputStream(jar)).close();

    assertThatThrownBy(() -> PostgresBinaries.fromJar(jar, cache))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("empty.jar holds no postgres-*.txz");
  }
}
