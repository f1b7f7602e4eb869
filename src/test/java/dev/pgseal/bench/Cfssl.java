package dev.pgseal.bench;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.embedded.LoopbackPort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code cfssl serve}: it signs and forgets. */
final class Cfssl implements Contender {

  private final Process process;
  private final URI base;

  private Cfssl(Process process, URI base) {
    this.process = process;
    this.base = base;
  }

  /** Empty when the command is not on the PATH. */
  static Optional<Cfssl> start(Path directory) throws IOException {
    boolean installed =
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(place -> Files.isExecutable(Path.of(place, "cfssl")));
    if (!installed) {
      return Optional.empty();
    }
    Authority authority = Authority.create(AuthorityProfile.of("Benchmark CA"), Clock.systemUTC());
    Path certificate = Files.writeString(directory.resolve("ca.pem"), authority.bundle());
    Path key = Files.write(directory.resolve("ca-key.pem"), authority.key().pkcs8Pem());
    String port = Integer.toString(LoopbackPort.free());
    // its log goes nowhere, and errors alone are logged, as pgseal logs no requests either
    Process process =
        new ProcessBuilder(
                List.of(
                    "cfssl",
                    "serve",
                    "-address",
                    "127.0.0.1",
                    "-port",
                    port,
                    "-loglevel",
                    "3",
                    "-ca",
                    certificate.toString(),
                    "-ca-key",
                    key.toString()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return Optional.of(new Cfssl(process, URI.create("http://127.0.0.1:" + port)));
  }

  @Override
  public String name() {
    return "cfssl";
  }

  @Override
  public HttpRequest sign(String csrPem) {
    return post(
        "/api/v1/cfssl/sign",
        Json.of(Map.of("certificate_request", csrPem, "hosts", Names.ENDPOINTS)));
  }

  @Override
  public HttpRequest newKey() {
    Map<String, Object> request =
        Map.of(
            "CN", Names.ENDPOINTS.get(0),
            "hosts", Names.ENDPOINTS,
            "names", List.of(Map.of()),
            "key", Map.of("algo", "ecdsa", "size", 256));
    return post("/api/v1/cfssl/newcert", Json.of(Map.of("request", request)));
  }

  @Override
  public boolean issued(String body) {
    return body.contains("BEGIN CERTIFICATE") && body.contains("\"success\":true");
  }

  @Override
  public Duration cpu() {
    return Contender.cpu(process.toHandle());
  }

  private HttpRequest post(String path, String body) {
    return HttpRequest.newBuilder(base.resolve(path))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  @Override
  public void close() {
    process.destroy();
  }
}
