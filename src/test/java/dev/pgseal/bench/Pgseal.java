package dev.pgseal.bench;

import static org.awaitility.Awaitility.await;

import dev.pgseal.embedded.LoopbackPort;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.stream.Stream;

/** The packaged service with its embedded control database, which syncs every commit to disk. */
final class Pgseal implements Contender {

  static final String AUTHORITY = "bench";

  private final Process process;
  private final Path directory;
  private final URI base;
  private String token = "";

  private Pgseal(Process process, Path directory, URI base) {
    this.process = process;
    this.directory = directory;
    this.base = base;
  }

  /**
   * @param directory where it runs, with its data directory inside
   */
  static Pgseal start(Path directory) throws IOException, InterruptedException {
    int port = LoopbackPort.free();
    List<String> command =
        new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
    command.addAll(List.of(System.getProperty("bench.jvm", "").split(" ")));
    command.removeIf(String::isEmpty);
    command.addAll(
        List.of("-Dpgseal.rate-limit.enabled=false", "-Dquarkus.http.port=" + port, "-jar"));
    command.add(System.getProperty("bench.application"));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("service.log").toFile())
            .start();
    Pgseal pgseal = new Pgseal(process, directory, URI.create("http://127.0.0.1:" + port));
    HttpClient http = HttpClient.newHttpClient();
    await("readiness")
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> status(http, pgseal.request("/q/health/ready").build()) == 200);
    pgseal.token = read(directory.resolve("pgseal-data/admin-token")).strip();
    int created = status(http, pgseal.post("/v1/authorities", Json.of(Map.of("name", AUTHORITY))));
    if (created != 201) {
      throw new IllegalStateException("No authority: status " + created);
    }
    return pgseal;
  }

  @Override
  public String name() {
    return "pgseal";
  }

  @Override
  public HttpRequest sign(String csrPem) {
    return post(
        "/v1/certificates",
        Json.of(
            Map.of(
                "authority", AUTHORITY,
                "endpoints", Names.ENDPOINTS,
                "certificateSigningRequest", csrPem)));
  }

  @Override
  public HttpRequest newKey() {
    return post(
        "/v1/certificates", Json.of(Map.of("authority", AUTHORITY, "endpoints", Names.ENDPOINTS)));
  }

  @Override
  public boolean issued(String body) {
    return body.contains("BEGIN CERTIFICATE");
  }

  @Override
  public Duration cpu() {
    return Contender.cpu(process.toHandle()).plus(databaseCpu());
  }

  @Override
  public Duration databaseCpu() {
    ProcessHandle postmaster = ProcessHandle.of(postmaster()).orElseThrow();
    return Stream.concat(Stream.of(postmaster), postmaster.descendants())
        .map(Contender::cpu)
        .reduce(Duration.ZERO, Duration::plus);
  }

  /** For a JDBC connection of one's own to the control database. */
  Database database() {
    return new Database(
        "jdbc:postgresql://127.0.0.1:%s/postgres".formatted(postmasterFile().get(3).strip()),
        "pgseal",
        read(directory.resolve("pgseal-data/database-password")).strip());
  }

  private long postmaster() {
    return Long.parseLong(postmasterFile().get(0).strip());
  }

  private List<String> postmasterFile() {
    return read(directory.resolve("pgseal-data/postgres/postmaster.pid")).lines().toList();
  }

  private static int status(HttpClient http, HttpRequest request)
      throws IOException, InterruptedException {
    return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  long pid() {
    return process.pid();
  }

  HttpRequest get(String path) {
    return authorized(path).build();
  }

  HttpRequest post(String path, String body) {
    return authorized(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private HttpRequest.Builder authorized(String path) {
    return request(path).header("Authorization", "Bearer " + token);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
