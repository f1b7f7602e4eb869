package dev.pgseal.it;

import dev.pgseal.contract.ContractFilter;
import dev.pgseal.testing.PostgresServer;
import io.restassured.RestAssured;
import io.restassured.builder.RequestSpecBuilder;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The packaged service on a control database of its own.
 *
 * <p>{@link #shared()} is started once for all tests of the JVM and stopped with it. A test that
 * kills replicas starts an application of its own.
 */
public final class Application implements AutoCloseable {

  private static final int CONTROL_DATABASE_MAJOR = 18;
  private static final String TOKEN = "bootstrap-token-of-the-integration-tests";

  private static Application shared;

  private final PostgresServer controlDatabase;
  private final Path directory;
  private final Map<String, String> properties;
  private final List<Replica> replicas = new ArrayList<>();

  private Application(
      PostgresServer controlDatabase, Path directory, Map<String, String> properties) {
    this.controlDatabase = controlDatabase;
    this.directory = directory;
    this.properties = properties;
  }

  /** The one that all tests share; RestAssured's defaults point to it with its admin token. */
  public static synchronized Application shared() {
    if (shared == null) {
      shared = start();
      Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
    }
    RestAssured.requestSpecification = shared.replica().admin();
    return shared;
  }

  /** Another one, with a control database of its own and one replica. */
  public static Application start() {
    return start(Map.of());
  }

  /**
   * @param properties of each replica, over the defaults
   */
  public static Application start(Map<String, String> properties) {
    PostgresServer database =
        PostgresServer.builder(CONTROL_DATABASE_MAJOR)
            .authenticationTimeout(Duration.ofMinutes(1))
            .start();
    try {
      Path directory = Files.createTempDirectory("pgseal-it");
      Application application = new Application(database, directory, properties);
      Files.writeString(application.keyset(), TestKeyset.create());
      application.startReplica();
      return application;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first replica. */
  public Replica replica() {
    return replicas.get(0);
  }

  /** One more replica on the same control database. */
  public Replica startReplica() {
    return startReplica(Map.of());
  }

  /**
   * @param more properties of this replica, over those of all
   */
  public Replica startReplica(Map<String, String> more) {
    Replica replica = new Replica(process(more).start());
    replicas.add(replica);
    return replica;
  }

  /** A process with more properties that is not started yet. */
  ServiceProcess process(Map<String, String> more) {
    Map<String, String> properties = new HashMap<>();
    properties.put(
        "quarkus.datasource.jdbc.url",
        "jdbc:postgresql://%s:%d/postgres"
            .formatted(controlDatabase.host(), controlDatabase.port()));
    properties.put("quarkus.datasource.username", PostgresServer.SUPERUSER);
    properties.put("quarkus.datasource.password", PostgresServer.PASSWORD);
    properties.put("pgseal.keyset-file", keyset().toString());
    properties.put("pgseal.bootstrap-token", TOKEN);
    // tests of other things count sessions and read logs of their servers
    properties.put("pgseal.posture.scan-interval", "24h");
    properties.putAll(this.properties);
    properties.putAll(more);
    return ServiceProcess.of(properties, directory);
  }

  /** The bootstrap token: an admin's. */
  public String token() {
    return TOKEN;
  }

  /** Where all state of the service is, for looking behind the API. */
  public PostgresServer controlDatabase() {
    return controlDatabase;
  }

  /** What seals the secrets in the control database. */
  Path keyset() {
    return directory.resolve("keyset.json");
  }

  @Override
  public void close() {
    replicas.forEach(replica -> replica.process.close());
    controlDatabase.close();
  }

  /** One running instance of the service. */
  public static final class Replica {
    private final ServiceProcess process;

    private Replica(ServiceProcess process) {
      this.process = process;
    }

    public URI baseUri() {
      return process.baseUri();
    }

    /**
     * A request to this replica with the admin's token and JSON; its answer is held against the
     * OpenAPI document.
     */
    public RequestSpecification admin() {
      // a builder begins with the defaults of RestAssured: those of the test before
      RequestSpecification defaults = RestAssured.requestSpecification;
      RestAssured.requestSpecification = null;
      try {
        return new RequestSpecBuilder()
            .setBaseUri(baseUri())
            .addHeader("Authorization", "Bearer " + TOKEN)
            .setContentType(ContentType.JSON)
            .addFilter(new ContractFilter())
            .build();
      } finally {
        RestAssured.requestSpecification = defaults;
      }
    }

    /** As {@code kill -9}: nothing is handed over. */
    public void kill() {
      process.kill();
    }

    /** As {@code kill -STOP}. */
    void freeze() {
      process.freeze();
    }

    /** As {@code kill -CONT}. */
    void thaw() {
      process.thaw();
    }

    /** As {@code kill}: it begins to end in order, and is not waited for. */
    void terminate() {
      process.terminate();
    }

    /**
     * @return its exit code
     */
    int awaitExit(Duration patience) {
      return process.awaitExit(patience);
    }

    /** Ends it in order. */
    public void stop() {
      process.close();
    }

    /** Starts it again on the same port and waits until it is ready. */
    public void start() {
      process.start();
    }

    public String log() {
      return process.log();
    }
  }
}
