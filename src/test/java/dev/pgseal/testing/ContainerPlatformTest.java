package dev.pgseal.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.opentest4j.TestAbortedException;
import org.testcontainers.DockerClientFactory;

class ContainerPlatformTest {

  private static final ContainerImages IMAGES =
      new ContainerImages("some/postgres:{major}-variant", new TreeSet<>(List.of(15, 16)));

  @Test
  void anImageIsNamedByItsMajor() {
    assertThat(IMAGES.of(15)).isEqualTo("some/postgres:15-variant");
  }

  @Test
  void aTestOfAMajorWithoutAnImageIsSkippedAndSaysWhy() {
    assertThatThrownBy(() -> IMAGES.of(18))
        .isInstanceOf(TestAbortedException.class)
        .hasMessage("no image of PostgreSQL 18: pgseal.containers.majors is [15, 16]");
  }

  @Test
  void theNewestMajorIsTheNewestOfWhichThereIsAnImage() {
    assertThat(new ContainerPlatform(IMAGES).latest()).isEqualTo(16);
  }

  /** Else a run on containers could pass on embedded servers. */
  @Test
  @EnabledIfSystemProperty(named = "pgseal.containers.image", matches = ".+")
  void aServerOfThisRunIsAContainerAndLeavesNoneBehind() {
    PostgresServer server = PostgresServer.latest().start();
    String directory = server.socketDirectory().toString();
    try (server) {
      assertThat(containersOf(directory)).isEqualTo(1);

      server.restart();

      assertThat(containersOf(directory)).isEqualTo(1);
      assertThat(server.query("SELECT 1")).isEqualTo("1");
    }
    assertThat(containersOf(directory)).isZero();
    assertThat(Files.exists(server.dataDirectory())).isFalse();
  }

  /** A killed test run leaves its servers running. */
  @Test
  @EnabledIfSystemProperty(named = "pgseal.containers.image", matches = ".+")
  void theServerOfADirectoryIsFoundAndStopped() {
    try (PostgresServer server = PostgresServer.latest().start()) {
      ServerPlatform.chosen().stopAnyServerIn(server.socketDirectory());

      assertThat(containersOf(server.socketDirectory().toString())).isZero();
      assertThatThrownBy(server::connect).hasMessageContaining("refused");
    }
  }

  private static int containersOf(String directory) {
    return DockerClientFactory.instance()
        .client()
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(Map.of(PostgresContainer.DIRECTORY_LABEL, directory))
        .exec()
        .size();
  }
}
