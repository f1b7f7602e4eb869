package dev.pgseal.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.testing.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * The client that openapi-generator makes in TypeScript and the code of {@code docs/portals.md},
 * compiled with {@code --strict} and run by Node.js against the packaged service.
 */
class TypeScriptClientIT {

  private static final Path SOURCES = Path.of("src", "test", "typescript");

  @Test
  void theCodeForPortalsTakesAServerToEnforcedTls() {
    NpmTools.require();
    NpmTools.copy(SOURCES);
    NpmTools.Result compiled = NpmTools.run(Map.of(), "node_modules/.bin/tsc", "--project", ".");
    assertThat(compiled.exitCode()).as(compiled.output()).isZero();

    Application application = Application.shared();
    String name = "portal-" + UUID.randomUUID().toString().substring(0, 8);
    try (PostgresServer postgres =
        PostgresServer.builder(17).authenticationTimeout(Duration.ofSeconds(2)).start()) {
      NpmTools.Result run =
          NpmTools.run(
              Map.of(
                  "PGSEAL_URL", application.replica().baseUri().toString(),
                  "PGSEAL_TOKEN", application.token(),
                  "SERVER_NAME", name,
                  "SERVER_HOST", postgres.host(),
                  "SERVER_PORT", Integer.toString(postgres.port()),
                  "SERVER_USER", PostgresServer.SUPERUSER,
                  "SERVER_PASSWORD", PostgresServer.PASSWORD),
              "node",
              "out/walk-through.js");
      assertThat(run.exitCode()).as(run.output()).isZero();
      assertThat(run.output()).contains(name + " is ENFORCED");
    }
  }
}
