package dev.pgseal.certificate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The openssl command, as a second opinion; tests that need it are skipped without it, but fail
 * where {@code CI} is set.
 */
final class OpenSsl {

  private final Path directory;

  OpenSsl(Path directory) {
    this.directory = directory;
  }

  static void assumeInstalled(Path directory) {
    boolean installed;
    try {
      installed = new OpenSsl(directory).run("version").startsWith("OpenSSL ");
    } catch (IOException | IllegalStateException e) {
      installed = false;
    }
    String missing = "the openssl command is not on the PATH";
    assumeTrue(installed, missing);
  }

  Path file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  Path file(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }

  String read(String name) throws IOException {
    return Files.readString(directory.resolve(name));
  }

  /** Standard output and error together; fails when the command does. */
  String run(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("openssl does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    if (process.exitValue() != 0) {
      throw new IllegalStateException(output);
    }
    return output;
  }

  /** {@code openssl verify} of a chain file as a server would send it, strictly, for that host. */
  String verifyServer(String bundle, String chain, String... more) throws IOException {
    file("root.pem", bundle);
    file("chain.pem", chain);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "verify", "-x509_strict", "-purpose", "sslserver", "-no-CApath", "-no-CAstore"));
    arguments.addAll(List.of("-CAfile", "root.pem", "-untrusted", "chain.pem"));
    arguments.addAll(List.of(more));
    arguments.add("chain.pem");
    return run(arguments.toArray(String[]::new));
  }
}
