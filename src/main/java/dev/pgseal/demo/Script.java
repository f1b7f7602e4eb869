package dev.pgseal.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgseal.embedded.Playground;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The acts of the demonstration, in order. */
final class Script {

  private static final String AUTHORITY = "demo";
  private static final List<String> SERVERS = List.of("primary", "standby");

  private final Screen screen;
  private final PgsealClient client;
  private final ServiceProcess service;
  private final Playground playground;
  private final BusyClients clients;
  private final Path bundle;

  Script(
      Screen screen,
      PgsealClient client,
      ServiceProcess service,
      Playground playground,
      BusyClients clients,
      Path directory) {
    this.screen = screen;
    this.client = client;
    this.service = service;
    this.playground = playground;
    this.clients = clients;
    this.bundle = directory.resolve("bundle.pem");
  }

  /** True when every point was proved. */
  boolean play() throws IOException, SQLException {
    register();
    Observer observer = new Observer(playground, clients, bundle);
    Snapshot before = observer.look();
    showPlan();

    screen.heading("POST /v1/rollouts: to ENFORCED");
    JsonNode up = new RolloutFollower(client, screen).follow(rollout("ENFORCED"));
    clients.awaitProgress();
    observer.awaitStreaming();
    Snapshot enforced = observer.look();
    boolean proved =
        judge("Proof, by the demonstration's own eyes", Verdict.enforced(enforced, issued(up)));

    screen.heading("POST /v1/rollouts: back to DISABLED");
    new RolloutFollower(client, screen).follow(rollout("DISABLED"));
    clients.awaitProgress();
    observer.awaitStreaming();
    Snapshot disabled = observer.look();
    boolean back =
        judge(
            "Proof of the way back",
            Verdict.disabled(disabled)
                .and("a client without TLS works again", plaintextSession(), true));

    table(before, enforced, disabled);
    screen.heading(
        proved && back ? "Everything was proved." : "NOT everything was proved: see FAILED above.");
    return proved && back;
  }

  void explainHowToGoOn() {
    screen.heading("Everything keeps running until Ctrl-C");
    screen.line("Swagger UI    " + service.address() + "/q/swagger-ui");
    screen.line("token in      " + service.tokenFile());
    screen.line(
        "try           curl -H \"Authorization: Bearer $(cat %s)\" %s/v1/servers/primary/ssl"
            .formatted(service.tokenFile(), service.address()));
    screen.line("role          postgres, password " + playground.password());
    playground
        .servers()
        .forEach(
            server -> screen.line("%-13s 127.0.0.1:%d".formatted(server.name(), server.port())));
  }

  private void register() throws IOException {
    screen.heading("POST /v1/servers, POST /v1/authorities");
    for (Playground.Server server : playground.servers()) {
      JsonNode report =
          client.register(server, Playground.SUPERUSER, playground.password()).path("report");
      screen.good(
          "%s registered: PostgreSQL %s, %s"
              .formatted(
                  server.name(),
                  report.path("version").asText(),
                  report.path("inRecovery").asBoolean() ? "a standby" : "not in recovery"));
    }
    client.createAuthority(AUTHORITY);
    Files.writeString(bundle, client.bundle(AUTHORITY));
    screen.good("authority " + AUTHORITY + " made, its bundle downloaded");

    screen.heading("GET /v1/servers/{server}/connections: who comes in plaintext");
    for (String server : SERVERS) {
      for (JsonNode group : client.connections(server).path("summary")) {
        screen.line(
            "%-8s %-10s %-16s %-9s %s"
                .formatted(
                    server,
                    group.path("username").asText(),
                    group.path("applicationName").asText(),
                    group.path("encryption").asText(),
                    group.path("sessions").asText()));
      }
    }
  }

  private void showPlan() {
    screen.heading("POST /v1/rollouts with validateOnly: what would be done");
    JsonNode plan = client.plan("ENFORCED", SERVERS, AUTHORITY);
    for (JsonNode step : plan.path("steps")) {
      screen.line(step.path("description").asText());
    }
    for (JsonNode server : plan.path("servers")) {
      screen.line("");
      screen.line("the rules of " + server.path("server").asText() + " would change:");
      screen.detail(server.path("rules").path("diff").asText());
      screen.line(
          "%d plaintext sessions, %d of them would be refused if they came again as they came"
              .formatted(
                  server.path("plaintextSessions").size(),
                  server.path("rules").path("wouldBeRefused").size()));
    }
  }

  private String rollout(String target) {
    return client.rollout(target, SERVERS, AUTHORITY);
  }

  /** What the job says it has issued, by server. */
  private static Map<String, String> issued(JsonNode job) {
    Map<String, String> fingerprints = new HashMap<>();
    for (JsonNode step : job.path("steps")) {
      if (step.path("kind").asText().equals("INSTALL_CERTIFICATE")) {
        fingerprints.put(
            step.path("server").asText(), step.path("observed").path("fingerprint").asText());
      }
    }
    return fingerprints;
  }

  private boolean judge(String heading, Verdict verdict) {
    screen.heading(heading);
    for (Verdict.Point point : verdict.points()) {
      if (point.holds()) {
        screen.good(point.claim());
      } else {
        screen.bad(point.claim());
      }
      screen.detail(point.seen());
    }
    return verdict.holds();
  }

  private String plaintextSession() throws SQLException {
    try (Connection connection =
        playground
            .primary()
            .connect(Playground.CLIENT, Playground.DATABASE, Map.of("sslmode", "disable"))) {
      return "connected to PostgreSQL " + connection.getMetaData().getDatabaseProductVersion();
    }
  }

  private void table(Snapshot... moments) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("", "before", "enforced", "disabled again"));
    for (String name : SERVERS) {
      Function<Snapshot, Snapshot.OneServer> server = moment -> moment.server(name);
      rows.add(row(name + ": TCP sessions", moments, m -> server.apply(m).sessions().text()));
      rows.add(row("  plaintext login", moments, m -> outcome(server.apply(m).login())));
      rows.add(
          row(
              "  plaintext replication login",
              moments,
              m -> outcome(server.apply(m).replicationLogin())));
      rows.add(row("  served certificate", moments, m -> shortened(server.apply(m).certificate())));
      rows.add(
          row(
              "  sslmode=verify-full",
              moments,
              m -> {
                Snapshot.VerifyFull attempt = server.apply(m).verifyFull();
                return attempt.succeeded() ? attempt.protocol() : "not possible";
              }));
      rows.add(
          row(
              "  acknowledged commits missing",
              moments,
              m -> Integer.toString(server.apply(m).missing().size())));
    }
    rows.add(row("acknowledged commits", moments, m -> Integer.toString(m.acknowledged())));
    rows.add(row("sessions that clients lost", moments, m -> Integer.toString(m.interruptions())));
    screen.table(rows);
    screen.detail(
        "Sessions are judged when they begin: those opened inside TLS live on after ssl=off.");
  }

  private static List<String> row(
      String label, Snapshot[] moments, Function<Snapshot, String> cell) {
    List<String> row = new ArrayList<>();
    row.add(label);
    for (Snapshot moment : moments) {
      row.add(cell.apply(moment));
    }
    return row;
  }

  private static String outcome(WireProbe.Login login) {
    return login.admitted() ? "admitted" : "refused (" + login.sqlState() + ")";
  }

  private static String shortened(String fingerprint) {
    return fingerprint.length() <= 16 ? fingerprint : fingerprint.substring(0, 16) + "...";
  }
}
