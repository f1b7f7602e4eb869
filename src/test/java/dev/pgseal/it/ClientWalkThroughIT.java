package dev.pgseal.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.client.ApiClient;
import dev.pgseal.client.ApiException;
import dev.pgseal.client.ApiResponse;
import dev.pgseal.client.api.AuthoritiesApi;
import dev.pgseal.client.api.ConnectionsApi;
import dev.pgseal.client.api.HbaApi;
import dev.pgseal.client.api.JobsApi;
import dev.pgseal.client.api.RolloutsApi;
import dev.pgseal.client.api.ServersApi;
import dev.pgseal.client.api.SslApi;
import dev.pgseal.client.model.AuthorityRequest;
import dev.pgseal.client.model.Encryption;
import dev.pgseal.client.model.EnforcedVerdict;
import dev.pgseal.client.model.Hba;
import dev.pgseal.client.model.Job;
import dev.pgseal.client.model.JobState;
import dev.pgseal.client.model.RolloutBody;
import dev.pgseal.client.model.RolloutPlan;
import dev.pgseal.client.model.RuleInsertion;
import dev.pgseal.client.model.ServedOutcome;
import dev.pgseal.client.model.ServerRegistration;
import dev.pgseal.client.model.SslMode;
import dev.pgseal.client.model.SslState;
import dev.pgseal.client.model.TlsMode;
import dev.pgseal.testing.PostgresServer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's walk-through with the client that openapi-generator makes from the contract. */
class ClientWalkThroughIT {

  private final PostgresServer postgres =
      PostgresServer.builder(18).authenticationTimeout(Duration.ofSeconds(5)).start();
  private ApiClient client;

  @TempDir Path directory;

  @BeforeEach
  void start() {
    Application application = Application.shared();
    URI service = application.replica().baseUri();
    client = new ApiClient();
    client.updateBaseUri(service.toString());
    client.setRequestInterceptor(
        request -> request.header("Authorization", "Bearer " + application.token()));
  }

  @AfterEach
  void stop() {
    postgres.close();
  }

  @Test
  void aGeneratedClientTakesAServerToEnforcedTlsAndBack() throws Exception {
    ServersApi servers = new ServersApi(client);
    servers.registerServer(
        new ServerRegistration()
            .name("walk-through")
            .host(postgres.host())
            .port(postgres.port())
            .database("postgres")
            .username(PostgresServer.SUPERUSER)
            .password(PostgresServer.PASSWORD)
            .endpoints(List.of("localhost", "127.0.0.1")),
        UUID.randomUUID().toString());
    assertThat(servers.getServer("walk-through", true).getReport().getMajor()).isEqualTo(18);
    seePlaintext();
    new AuthoritiesApi(client)
        .createAuthority(new AuthorityRequest().name("walk-through-ca"), null);

    RolloutPlan plan = new RolloutsApi(client).planRollout(rollout(TlsMode.ENFORCED), null);
    assertThat(plan.getServers().get(0).getRules().getDiff()).contains("+hostssl");
    rollOut(TlsMode.ENFORCED);

    SslState enforced = new SslApi(client).getSsl("walk-through");
    assertThat(enforced.getMode()).isEqualTo(SslMode.ENFORCED);
    assertThat(enforced.getServed().getOutcome()).isEqualTo(ServedOutcome.SERVED);
    assertThat(enforced.getEnforced().getVerdict()).isEqualTo(EnforcedVerdict.ENFORCED);
    logInVerified();
    assertThatThrownBy(() -> logIn("disable").close())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("no encryption");

    insertARule();
    rollOut(TlsMode.DISABLED);
    logIn("disable").close();
    servers.deleteServer("walk-through", null);
    assertThatThrownBy(() -> servers.getServer("walk-through", false))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.getCode()).isEqualTo(404));
  }

  private void seePlaintext() throws SQLException, ApiException {
    try (Connection session = logIn("disable")) {
      assertThat(session.isValid(5)).isTrue();
      assertThat(
              new ConnectionsApi(client)
                  .listConnections("walk-through", null, null, null, Encryption.PLAINTEXT, null)
                  .getConnections())
          .isNotEmpty();
    }
  }

  private static RolloutBody rollout(TlsMode target) {
    RolloutBody body =
        new RolloutBody().target(target).servers(List.of("walk-through")).grace("PT2S");
    return target == TlsMode.ENFORCED ? body.authority("walk-through-ca") : body;
  }

  private void rollOut(TlsMode target) throws ApiException {
    Job job =
        new RolloutsApi(client).createRollout(rollout(target), UUID.randomUUID().toString(), null);
    Job ended = new JobsApi(client).getJob(job.getId(), "60s", null);
    assertThat(ended.getState())
        .as(String.valueOf(ended.getProblem()))
        .isEqualTo(JobState.SUCCEEDED);
  }

  private void insertARule() throws ApiException {
    HbaApi hba = new HbaApi(client);
    ApiResponse<Hba> read = hba.getHbaWithHttpInfo("walk-through");
    String etag = read.getHeaders().get("etag").get(0);
    Hba changed =
        hba.insertRule(
            "walk-through",
            new RuleInsertion().rule("hostssl shop app 10.9.0.0/16 md5"),
            etag,
            null);
    assertThat(changed.getRules()).anyMatch(rule -> rule.getText().contains("10.9.0.0/16"));
    assertThatThrownBy(
            () ->
                hba.insertRule(
                    "walk-through", new RuleInsertion().rule("hostssl a b all md5"), etag, null))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.getCode()).isEqualTo(412));
  }

  private void logInVerified() throws Exception {
    Path bundle = directory.resolve("bundle.pem");
    Files.writeString(bundle, new AuthoritiesApi(client).getAuthorityBundle("walk-through-ca"));
    try (Connection verified =
        postgres.connect(
            PostgresServer.SUPERUSER,
            Map.of(
                "password",
                PostgresServer.PASSWORD,
                "sslmode",
                "verify-full",
                "sslrootcert",
                bundle.toString()))) {
      assertThat(verified.isValid(5)).isTrue();
    }
  }

  private Connection logIn(String sslMode) throws SQLException {
    return postgres.connect(PostgresServer.SUPERUSER, PostgresServer.PASSWORD, sslMode);
  }
}
