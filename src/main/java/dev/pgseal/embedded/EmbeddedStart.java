package dev.pgseal.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Everything a service needs that has been given no database: the control database, the key set and
 * the first admin token, made in the data directory at the first start and found there later.
 *
 * <p>The guarantees: what exists is never made anew, so a lost key set stops the start instead of
 * making the stored credentials unreadable; a start that was interrupted is completed by the next.
 */
public final class EmbeddedStart implements AutoCloseable {

  private final DataDirectory directory;
  private final ControlDatabase database;
  private final boolean firstStart;

  private EmbeddedStart(DataDirectory directory, ControlDatabase database, boolean firstStart) {
    this.directory = directory;
    this.database = database;
    this.firstStart = firstStart;
  }

  /**
   * Brings the control database up.
   *
   * @throws StartRefusedException when there are no PostgreSQL binaries, another service holds the
   *     directory, or the directory or database cannot be used
   */
  public static EmbeddedStart in(Path dataDirectory) {
    if (!PostgresBinaries.onClasspath()) {
      throw withoutBinaries();
    }
    try {
      DataDirectory directory = DataDirectory.open(dataDirectory);
      try {
        return start(directory, new ControlDatabase(binaries(directory), directory));
      } catch (IOException | RuntimeException e) {
        directory.close();
        throw e;
      }
    } catch (IOException e) {
      throw unusable(dataDirectory, e);
    } catch (UncheckedIOException e) {
      throw unusable(dataDirectory, e.getCause());
    } catch (PostgresException e) {
      throw new StartRefusedException(
          "The embedded control database is not available: " + e.getMessage(), e);
    }
  }

  /** The configuration properties that the service is to be started with. */
  public Map<String, String> properties() throws IOException {
    Map<String, String> properties = new HashMap<>(database.properties());
    properties.put("pgseal.keyset-file", directory.keyset().path().toString());
    // an administrator may take the file away once the token is known
    if (directory.adminToken().exists()) {
      properties.put("pgseal.bootstrap-token", directory.adminToken().read());
    }
    return properties;
  }

  /** True when this start has made the database, so the admin token has to be shown. */
  public boolean firstStart() {
    return firstStart;
  }

  /** The file of the first admin token. */
  public Path adminTokenFile() {
    return directory.adminToken().path();
  }

  /** Stops the database and gives the directory free. */
  @Override
  public void close() throws IOException {
    try (directory) {
      database.stop();
    }
  }

  private static EmbeddedStart start(DataDirectory directory, ControlDatabase database)
      throws IOException {
    boolean first = !Files.exists(directory.postgres());
    if (first) {
      directory.keyset().createIfMissing(RandomSecret::keyset);
      directory.adminToken().createIfMissing(() -> "pgseal_" + RandomSecret.text());
      directory.databasePassword().createIfMissing(RandomSecret::text);
      database.create();
    }
    requireFile(directory.keyset());
    requireFile(directory.databasePassword());
    database.start();
    return new EmbeddedStart(directory, database, first);
  }

  private static void requireFile(PrivateFile file) {
    if (!file.exists()) {
      throw new StartRefusedException(
          "%s is missing, but the control database beside it exists: restore the file from a backup."
              .formatted(file.path()));
    }
  }

  private static PostgresBinaries binaries(DataDirectory directory) {
    Path cache = PostgresBinaries.userCache();
    Path writable = canBeWritten(cache) ? cache : directory.path().resolve("binaries");
    return PostgresBinaries.fromClasspath(writable).orElseThrow(EmbeddedStart::withoutBinaries);
  }

  private static StartRefusedException withoutBinaries() {
    return new StartRefusedException(
        "This build has no embedded PostgreSQL. Set quarkus.datasource.jdbc.url"
            + " (QUARKUS_DATASOURCE_JDBC_URL), quarkus.datasource.username and"
            + " quarkus.datasource.password to the control database, a PostgreSQL 14 or newer.");
  }

  private static boolean canBeWritten(Path directory) {
    if (!directory.isAbsolute()) {
      // a user without an entry in the password file has no home directory
      return false;
    }
    Path existing = directory;
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    return Files.isWritable(existing);
  }

  private static StartRefusedException unusable(Path directory, IOException cause) {
    String reason =
        cause instanceof AccessDeniedException denied
            ? "no permission for " + denied.getFile()
            : cause.toString();
    return new StartRefusedException(
        "The data directory %s cannot be used: %s. Mend it, or set pgseal.data-directory."
            .formatted(directory.toAbsolutePath().normalize(), reason),
        cause);
  }
}
