package dev.pgseal.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Makes the key set file of a service with a control database of its own: {@code java -jar
 * quarkus-run.jar --new-keyset FILE}.
 */
public final class NewKeyset {

  public static final String OPTION = "--new-keyset";

  private NewKeyset() {}

  /** True when the command line asks for a key set instead of the service. */
  public static boolean askedFor(String... arguments) {
    return arguments.length > 0 && arguments[0].equals(OPTION);
  }

  /**
   * Writes a new Tink AEAD key set (AES-256-GCM) in JSON, mode 0600.
   *
   * @return the file
   * @throws StartRefusedException without a file name, when the file is there already (a key set
   *     that is replaced makes everything sealed with it unreadable), or when it cannot be written
   */
  public static Path make(String... arguments) {
    if (arguments.length != 2) {
      throw new StartRefusedException("Usage: " + OPTION + " FILE");
    }
    return write(Path.of(arguments[1]).toAbsolutePath(), RandomSecret::keyset);
  }

  /**
   * Writes a key set into a new file, mode 0600.
   *
   * @throws StartRefusedException when the file is there already or cannot be written
   */
  public static Path write(Path path, Supplier<String> content) {
    PrivateFile file = new PrivateFile(path);
    if (file.exists()) {
      throw new StartRefusedException(
          path
              + " is there already: a key set is never replaced, everything sealed would be lost.");
    }
    try {
      file.createIfMissing(content);
      return path;
    } catch (IOException e) {
      throw new StartRefusedException(path + " cannot be written: " + e.getMessage());
    }
  }
}
