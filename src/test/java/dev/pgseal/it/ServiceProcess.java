package dev.pgseal.it;

import static org.awaitility.Awaitility.await;

import dev.pgseal.embedded.LoopbackPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** The packaged jar as a child process with given properties; its log in a file. */
final class ServiceProcess implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private static final String HTTPS = "pgseal.https.certificate-file";

  private final HttpClient http;
  private final Map<String, String> properties;
  private final Path directory;
  private final Path log;
  private final int port;
  private Process process;

  private ServiceProcess(Map<String, String> properties, Path directory, int port) {
    this.properties = new TreeMap<>(properties);
    this.directory = directory;
    this.port = port;
    HttpClient.Builder http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2));
    this.http = (https() ? http.sslContext(ApiPki.trustAnybody()) : http).build();
    this.log = directory.resolve("service-" + port + ".log");
  }

  /**
   * @param directory where it runs and logs
   */
  static ServiceProcess of(Map<String, String> properties, Path directory) {
    return new ServiceProcess(properties, directory, LoopbackPort.free());
  }

  /** Starts it and waits until it is ready; after {@link #kill()} on the same port again. */
  ServiceProcess start() {
    launch(Map.of());
    await("readiness of the service")
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofMillis(100))
        .until(this::ready);
    return this;
  }

  /**
   * Starts it with more in its environment and waits until it has given up.
   *
   * @return its exit code; the reason is in the {@link #log()}
   */
  int startInVain(Map<String, String> environment) {
    launch(environment);
    try {
      if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("The service has started:\n" + log());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The command line that starts it, with arguments for the service. */
  List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.addAll(List.of(System.getProperty("pgseal.test.jvm", "-XX:+UseSerialGC").split(" ")));
    properties.forEach((key, value) -> command.add("-D" + key + "=" + value));
    String own = https() ? "quarkus.http.ssl-port" : "quarkus.http.port";
    if (!properties.containsKey(own)) {
      command.add("-D" + own + "=" + port);
    }
    command.add("-jar");
    command.add(System.getProperty("pgseal.test.application"));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Starts it with more in its environment and waits for nothing. */
  void launch(Map<String, String> environment) {
    ProcessBuilder builder =
        new ProcessBuilder(command())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean ready() throws IOException, InterruptedException {
    if (!process.isAlive()) {
      throw new AssertionError("The service has ended:\n" + log());
    }
    try {
      return http.send(
                  HttpRequest.newBuilder(baseUri().resolve("/q/health/ready")).build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (ConnectException e) {
      return false;
    }
  }

  URI baseUri() {
    return URI.create((https() ? "https" : "http") + "://127.0.0.1:" + port);
  }

  private boolean https() {
    return properties.containsKey(HTTPS);
  }

  /** All that it ever wrote. */
  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@code kill -9}. */
  void kill() {
    process.destroyForcibly();
    awaitExit();
  }

  /** As {@code kill}: it shuts down in order. */
  @Override
  public void close() {
    process.destroy();
    awaitExit();
  }

  /** As {@code kill}, not waiting for its end. */
  void terminate() {
    process.destroy();
  }

  /**
   * @return its exit code: 143 after SIGTERM
   * @throws AssertionError when it is still there after {@code patience}
   */
  int awaitExit(Duration patience) {
    await("the end of the service").atMost(patience).until(() -> !process.isAlive());
    return process.exitValue();
  }

  boolean alive() {
    return process.isAlive();
  }

  /**
   * @return its exit code: 143 after SIGTERM
   */
  int awaitExit() {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
