package dev.pgseal.store;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import dev.pgseal.audit.Actors;
import dev.pgseal.job.ChildJobs;
import dev.pgseal.job.JobStore;
import dev.pgseal.posture.PostureStore;
import dev.pgseal.security.Secrets;
import dev.pgseal.security.TinkSecrets;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerLocks;
import dev.pgseal.server.ServerStore;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.webhook.WebhookStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.postgresql.ds.PGSimpleDataSource;

/** A migrated control database on the oldest PostgreSQL that may hold one, and its stores. */
public final class ControlDatabase implements BeforeAllCallback, AfterAllCallback {

  private static final int OLDEST_MAJOR = 14;

  private PostgresServer server;
  private DataSource dataSource;
  private Secrets secrets;

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    server =
        PostgresServer.builder(OLDEST_MAJOR).authenticationTimeout(Duration.ofMinutes(1)).start();
    PGSimpleDataSource pg = new PGSimpleDataSource();
    pg.setUrl(server.jdbcUrl(PostgresServer.SUPERUSER, "prefer"));
    pg.setPassword(PostgresServer.PASSWORD);
    dataSource = pg;
    Flyway.configure().dataSource(dataSource).load().migrate();
    secrets = newSecrets();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    server.close();
  }

  /** Secrets under a key set that was made just now. */
  public static Secrets newSecrets() throws IOException, GeneralSecurityException {
    AeadConfig.register();
    Path file = Files.createTempFile("keyset", ".json");
    try {
      Files.writeString(
          file,
          TinkJsonProtoKeysetFormat.serializeKeyset(
              KeysetHandle.generateNew(
                  PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get()),
              RegistryConfiguration.get(),
              InsecureSecretKeyAccess.get()));
      return TinkSecrets.from(file);
    } finally {
      Files.delete(file);
    }
  }

  public DataSource dataSource() {
    return dataSource;
  }

  public Jdbi jdbi() {
    return JdbiProducer.on(dataSource, Actors::current);
  }

  public Secrets secrets() {
    return secrets;
  }

  public ServerStore servers() {
    return new JdbiServerStore(jdbi(), secrets);
  }

  public ServerLocks locks() {
    return new JdbiServerLocks(jdbi());
  }

  public JobStore jobs() {
    return new JdbiJobStore(jdbi(), secrets);
  }

  public ChildJobs childJobs() {
    return new JdbiChildJobs(jdbi());
  }

  public PostureStore postures() {
    return new JdbiPostureStore(jdbi());
  }

  public WebhookStore webhooks() {
    return new JdbiWebhookStore(jdbi(), secrets);
  }

  /** A server that nobody listens at, with a name of its own. */
  public ManagedServer insertServer(String password, Map<String, String> labels) {
    UUID id = UUID.randomUUID();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    ManagedServer server =
        new ManagedServer(
            id,
            "server-" + id,
            "db.example.org",
            5432,
            "postgres",
            "admin",
            ConnectionSslMode.PREFER,
            null,
            List.of("db.example.org", "192.0.2.7"),
            labels,
            null,
            1,
            now,
            now);
    servers().insert(server, password);
    return server;
  }

  public ManagedServer insertServer() {
    return insertServer("secret", Map.of());
  }
}
