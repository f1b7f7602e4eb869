package dev.pgseal.tls;

import dev.pgseal.postgres.CsrOnServer;
import dev.pgseal.postgres.HbaFile;
import dev.pgseal.postgres.PostgresConnector;
import dev.pgseal.postgres.Replication;
import dev.pgseal.postgres.SecretSession;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.postgres.ServerFactsReader;
import dev.pgseal.postgres.ServerFiles;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.postgres.SslFiles;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresServer;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The verbs wired by hand, on stores in memory and a real PostgreSQL. */
final class TlsFixture implements AutoCloseable {

  final Clock clock = Clock.systemUTC();
  final MemoryStores stores = new MemoryStores();
  final PostgresConnector connector = new PostgresConnector();
  final WireProbe wire = new WireProbe();
  final ServerSettings settings = new ServerSettings();
  final ServerFiles files = new ServerFiles();
  final ServerConnections connections = new ServerConnections();
  final HbaFile hbaFile = new HbaFile();
  final ServerFactsReader facts = new ServerFactsReader();
  final SecretSession secrets = new SecretSession(connector);
  final ServerAccess access = new ServerAccess(stores.servers, stores.locks, connector, secrets);
  final ServerChange changes = new ServerChange(access);
  final Preflight preflight = new Preflight(settings, facts, hbaFile);
  final LoginProbe logins = new LoginProbe(wire);
  final ConfiguredCertificate configured = new ConfiguredCertificate(settings, files);
  final SslSwitch ssl =
      new SslSwitch(preflight, settings, new SslFiles(), wire, logins, configured);
  final CertificateFiles certificateFiles = new CertificateFiles(files, clock);
  final Authorities authorities = new Authorities(stores.authorities, clock);
  final FirstContact firstContact =
      new FirstContact(certificateFiles, settings, secrets, ssl, clock);
  final KeyPlacement placement =
      new KeyPlacement(
          certificateFiles, new CsrOnServer(), secrets, firstContact, authorities, clock);
  final CertificateInstaller installer =
      new CertificateInstaller(
          preflight,
          certificateFiles,
          placement,
          settings,
          ssl,
          configured,
          authorities,
          new CertificateRecords(stores.certificates, clock),
          clock);
  final AdmissionForecast forecast = new AdmissionForecast(connections);
  final HbaLoader loader = new HbaLoader(hbaFile, files);
  final PlaintextAnalysis analysis = new PlaintextAnalysis();
  final RulesChange rules =
      new RulesChange(
          preflight, hbaFile, settings, wire, logins, new SentinelProbe(wire), forecast);
  final RulesConversion conversion = new RulesConversion(loader, forecast, analysis, rules, wire);
  final HbaHistory history = new HbaHistory(stores.revisions);
  final HbaRules hbaRules = new HbaRules(access, changes, loader, rules, history);
  final HbaConversions conversions =
      new HbaConversions(access, changes, conversion, rules, history, loader, forecast);
  final Drain drain = new Drain(connections);
  final StragglerScan stragglers = new StragglerScan(connections, settings, drain);
  final ReplicationTls replication =
      new ReplicationTls(new Replication(), connections, settings, files, secrets, wire, access);
  final TrustAnchors trust = new TrustAnchors(authorities, wire);
  final SslStateReader states =
      new SslStateReader(
          stores.servers, access, settings, loader, wire, logins, configured, analysis, clock);

  ManagedServer register(String name, PostgresServer server) {
    return register(name, server, ConnectionSslMode.PREFER);
  }

  ManagedServer register(String name, PostgresServer server, ConnectionSslMode mode) {
    Instant now = clock.instant();
    ManagedServer managed =
        new ManagedServer(
            UUID.randomUUID(),
            name,
            server.host(),
            server.port(),
            "postgres",
            PostgresServer.SUPERUSER,
            mode,
            null,
            List.of("localhost", "127.0.0.1"),
            Map.of(),
            null,
            1,
            now,
            now);
    stores.servers.insert(managed, PostgresServer.PASSWORD);
    return managed;
  }

  SslState state(String name) {
    return states.read(access.require(name));
  }

  @Override
  public void close() {
    connector.close();
  }
}
