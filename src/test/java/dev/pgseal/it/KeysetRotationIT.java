package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.pgseal.testing.PostgresServer;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The rotation of the key set in the order of docs/operations.md, beside running replicas. */
class KeysetRotationIT {

  @Test
  void everyReplicaOpensWhatTheOthersSealAndTheOldKeyGoesWhenNothingNeedsIt() throws Exception {
    try (PostgresServer managed = PostgresServer.start(16);
        Application application = Application.start()) {
      RestAssured.requestSpecification = application.replica().admin();
      String early = Managed.register(managed);
      Path first = application.keyset();
      Path added = first.resolveSibling("added.json");
      Path promoted = first.resolveSibling("promoted.json");
      Path dropped = first.resolveSibling("dropped.json");

      command(application, "--add-key", first.toString(), added.toString());
      try (ServiceProcess second = replica(application, added)) {
        read(second, application, early);
        application.replica().stop();
        command(application, "--promote-key", added.toString(), promoted.toString());
        String late;
        try (ServiceProcess third = replica(application, promoted)) {
          RestAssured.requestSpecification = to(third, application);
          late = Managed.register(managed);
          read(second, application, late);
          assertThat(reseal(application, promoted)).contains("1 values");
        }
        command(application, "--drop-keys", promoted.toString(), dropped.toString());
        try (ServiceProcess fourth = replica(application, dropped)) {
          read(fourth, application, early);
          read(fourth, application, late);
        }
      }
      ServiceProcess stale = application.process(Map.of());
      assertThat(stale.startInVain(Map.of())).isNotZero();
      assertThat(stale.log()).contains("cannot open values in server.password");
    }
  }

  private static ServiceProcess replica(Application application, Path keyset) {
    return application.process(Map.of("pgseal.keyset-file", keyset.toString())).start();
  }

  /** Reading a server's state takes its password. */
  private static void read(ServiceProcess replica, Application application, String server) {
    given(to(replica, application))
        .get("/v1/servers/" + server + "/ssl")
        .then()
        .statusCode(200)
        .body("mode", equalTo("OFF"));
  }

  private static RequestSpecification to(ServiceProcess replica, Application application) {
    RestAssured.requestSpecification = null;
    return given()
        .baseUri(replica.baseUri().toString())
        .header("Authorization", "Bearer " + application.token())
        .contentType(ContentType.JSON);
  }

  private static String reseal(Application application, Path keyset) throws Exception {
    return command(
        application.process(Map.of("pgseal.keyset-file", keyset.toString())).command("--reseal"));
  }

  private static void command(Application application, String... arguments) throws Exception {
    command(application.process(Map.of()).command(arguments));
  }

  private static String command(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }
}
