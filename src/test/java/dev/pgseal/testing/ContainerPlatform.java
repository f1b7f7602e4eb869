package dev.pgseal.testing;

import dev.pgseal.embedded.DirectoryTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.opentest4j.TestAbortedException;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.images.RemoteDockerImage;
import org.testcontainers.utility.DockerImageName;

/** Servers are containers of images, on data directories of the host. */
final class ContainerPlatform implements ServerPlatform {

  private static final Path TEMPLATES =
      Path.of(System.getProperty("pgseal.test.binaries", "target/postgres-binaries"))
          .toAbsolutePath()
          .resolveSibling("postgres-templates");

  private final ContainerImages images;

  ContainerPlatform(ContainerImages images) {
    this.images = images;
  }

  @Override
  public synchronized Path template(int major) {
    String image = images.of(major);
    try {
      Path template = TEMPLATES.resolve("image-" + identity(image));
      if (!Files.isDirectory(template)) {
        Files.createDirectories(TEMPLATES);
        initialize(image, template);
      }
      return template;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public ServerProcess process(int major, Path directory, Map<String, String> environment) {
    if (!environment.isEmpty()) {
      throw new TestAbortedException("the commands of an image are what they are");
    }
    return new ContainerProcess(images.of(major), directory);
  }

  @Override
  public void stopAnyServerIn(Path directory) {
    var docker = DockerClientFactory.instance().client();
    docker
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(Map.of(PostgresContainer.DIRECTORY_LABEL, directory.toString()))
        .exec()
        .forEach(left -> docker.removeContainerCmd(left.getId()).withForce(true).exec());
  }

  @Override
  public int latest() {
    return images.majors().last();
  }

  /** What the name means now; a name may be given to another image. */
  private static String identity(String image) {
    new RemoteDockerImage(DockerImageName.parse(image)).get();
    String id = DockerClientFactory.instance().client().inspectImageCmd(image).exec().getId();
    return id.replace("sha256:", "").substring(0, 16);
  }

  /** As the embedded servers are made, see {@link PostgresTemplate}. */
  private static void initialize(String image, Path template) throws IOException {
    Path work = Files.createTempDirectory(template.getParent(), ".initdb-");
    Path password = Files.writeString(work.resolve("password"), PostgresServer.PASSWORD + "\n");
    Path data = work.resolve("data");
    List<String> command =
        List.of(
            "initdb",
            "-D",
            data.toString(),
            "-U",
            PostgresServer.SUPERUSER,
            "-A",
            "scram-sha-256",
            "--pwfile",
            password.toString(),
            "-E",
            "UTF8",
            "--locale",
            "C",
            "--no-sync",
            "--wal-segsize=1");
    try (var container = new PostgresContainer(image, work, command)) {
      container
          .withStartupCheckStrategy(
              new OneShotStartupCheckStrategy().withTimeout(Duration.ofMinutes(2)))
          .start();
      Files.move(data, template, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // another test run was faster
      if (!Files.isDirectory(template)) {
        throw e;
      }
    } finally {
      DirectoryTree.delete(work);
    }
  }
}
