package dev.pgseal.testing;

import java.nio.file.Path;
import java.util.Map;

/** What the test servers of this run are made of. */
interface ServerPlatform {

  /** Images, if {@code -Dpgseal.containers.image} names one, else the binaries of zonky. */
  static ServerPlatform chosen() {
    return Chosen.PLATFORM;
  }

  /**
   * A data directory fresh from the {@code initdb} of this major, to be copied.
   *
   * @throws org.opentest4j.TestAbortedException when this run has no PostgreSQL of this major
   */
  Path template(int major);

  /**
   * The server of {@code directory/data}, which logs to {@code directory/log}; not started.
   *
   * @param environment over that of the platform
   */
  ServerProcess process(int major, Path directory, Map<String, String> environment);

  /** Whatever major it is; does nothing when none is running. */
  void stopAnyServerIn(Path directory);

  /** The newest major of which this run has a server. */
  int latest();

  /** Decided once. */
  final class Chosen {
    private static final ServerPlatform PLATFORM =
        System.getProperty("pgseal.containers.image", "").isBlank()
            ? new BinaryPlatform()
            : new ContainerPlatform(ContainerImages.configured());

    private Chosen() {}
  }
}
