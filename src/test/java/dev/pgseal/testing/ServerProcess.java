package dev.pgseal.testing;

import dev.pgseal.embedded.PostgresException;
import dev.pgseal.embedded.PostgresProcess.StopMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The server of one data directory, which may be started and stopped repeatedly. */
interface ServerProcess {

  /**
   * Starts it and waits until it takes sessions.
   *
   * @param settings {@code name=value}, for the command line
   * @throws PostgresException when it does not come up, with the log of this attempt
   */
  void start(Duration timeout, List<String> settings);

  /** Does nothing when it is not running. */
  void stop(StopMode mode, Duration timeout);

  /** Stops it for good, as in a crash. */
  void remove(Duration timeout);

  Path dataDirectory();

  String log();

  /** The first address that the running server has bound. */
  String listenAddress();
}
