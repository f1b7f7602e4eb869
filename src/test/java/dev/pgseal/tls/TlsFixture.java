package dev.pgseal.tls;

import dev.pgseal.acme.AcmeIssuers;
import dev.pgseal.acme.AcmeTimes;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.CertificateRecords;
import dev.pgseal.issuing.Issuers;
import dev.pgseal.postgres.CsrOnServer;
import dev.pgseal.postgres.HbaDeadMan;
import dev.pgseal.postgres.HbaFile;
import dev.pgseal.postgres.PostgresConnector;
import dev.pgseal.postgres.Replication;
import dev.pgseal.postgres.SecretSession;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.postgres.ServerFactsReader;
import dev.pgseal.postgres.ServerFiles;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.postgres.SslFiles;
import dev.pgseal.postgres.StreamAttempt;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/** The verbs wired by hand, on stores in memory and a real PostgreSQL. */
public final class TlsFixture implements AutoCloseable {

  /** The names that certificates get. */
  public static final List<String> ENDPOINTS = List.of("localhost", "127.0.0.1");

  public final Clock clock = Clock.systemUTC();
  public final MemoryStores stores = new MemoryStores();
  public final PostgresConnector connector = new PostgresConnector();
  public final ServerFactsReader facts = new ServerFactsReader();
  public final RequiredPrivileges privileges = new RequiredPrivileges(facts);
  public final WireProbe wire = new WireProbe();
  public final ServerSettings settings = new ServerSettings();
  public final ServerFiles files = new ServerFiles();
  public final ServerConnections connections = new ServerConnections();
  public final HbaFile hbaFile = new HbaFile();
  public final SecretSession secrets = new SecretSession(connector);
  public final HbaLoader loader = new HbaLoader(hbaFile, files);
  public final HbaHistory history = new HbaHistory(stores.revisions);
  public final HbaWriter writer = new HbaWriter(loader, hbaFile, files, stores.writes);
  public final RulesWatch watch = new RulesWatch(new HbaDeadMan());
  public final HbaSettlement settlement =
      new HbaSettlement(stores.writes, writer, loader, hbaFile, files, history, watch);
  public final ServerAccess access =
      new ServerAccess(stores.servers, stores.locks, connector, secrets, privileges, settlement);
  public final ServerChange changes = new ServerChange(access);
  public final Preflight preflight = new Preflight(settings, facts, privileges, hbaFile);
  public final LoginProbe logins = new LoginProbe(wire);
  public final ConfiguredCertificate configured = new ConfiguredCertificate(settings, files);
  public final SslSwitch ssl =
      new SslSwitch(preflight, settings, new SslFiles(), wire, logins, configured);
  public final KeyTwins twins =
      new KeyTwins(configured, stores.certificates, stores.installations, stores.servers, access);
  public final CertificateFiles certificateFiles = new CertificateFiles(files, clock);
  public final Authorities authorities = new Authorities(stores.authorities, clock);
  public final FirstContact firstContact =
      new FirstContact(certificateFiles, settings, secrets, ssl, clock);
  public final KeyPlacement placement =
      new KeyPlacement(
          certificateFiles,
          new CsrOnServer(),
          secrets,
          firstContact,
          new Issuers(authorities, new AcmeIssuers(AcmeTimes.USUAL, clock), clock),
          clock);
  public final CertificateInstaller installer =
      new CertificateInstaller(
          preflight,
          certificateFiles,
          placement,
          settings,
          ssl,
          configured,
          authorities,
          new CertificateRecords(stores.certificates, stores.installations, clock),
          (server, authority, keyType, validity) -> {},
          clock);
  public final AdmissionForecast forecast = new AdmissionForecast(connections);
  public final PlaintextAnalysis analysis = new PlaintextAnalysis();
  public final RulesChange rules =
      new RulesChange(
          preflight,
          loader,
          hbaFile,
          writer,
          history,
          settings,
          wire,
          logins,
          new SentinelProbe(wire),
          forecast,
          watch);
  public final RulesUndo undo = new RulesUndo(loader, writer, logins);
  public final RulesConversion conversion =
      new RulesConversion(loader, forecast, analysis, rules, wire);
  public final RefusedSessions refused = new RefusedSessions(stores.exemptions, loader, forecast);
  public final HbaRules hbaRules = new HbaRules(access, changes, loader, rules, history);
  public final HbaConversions conversions =
      new HbaConversions(
          access, changes, conversion, rules, history, stores.exemptions, loader, forecast);
  public final Drain drain = new Drain(connections);
  public final StragglerScan stragglers = new StragglerScan(connections, settings, drain);
  public final ReplicationTls replication =
      new ReplicationTls(
          new Replication(), settings, files, wire, access, loader, forecast, new StreamAttempt());
  public final TrustAnchors trust =
      new TrustAnchors(
          authorities,
          new AuthorityGenerations(stores.authorities, new MemoryStores.NoRotations(), clock),
          wire);
  public final SslStateReader states =
      new SslStateReader(
          stores.servers,
          access,
          settings,
          wire,
          configured,
          new EnforcedReader(
              loader, analysis, logins, new SentinelProbe(wire), stores.exemptions, forecast),
          clock);

  public ManagedServer register(String name, PostgresServer server) {
    return register(name, server, ConnectionSslMode.PREFER);
  }

  public ManagedServer register(String name, PostgresServer server, ConnectionSslMode mode) {
    return register(name, server, mode, PostgresServer.SUPERUSER, PostgresServer.PASSWORD);
  }

  public ManagedServer register(
      String name,
      PostgresServer server,
      ConnectionSslMode mode,
      String username,
      String password) {
    return register(name, server.host(), server.port(), mode, username, password);
  }

  /** The superuser's login, at an address of its own. */
  public ManagedServer register(String name, String host, int port, ConnectionSslMode mode) {
    return register(name, host, port, mode, PostgresServer.SUPERUSER, PostgresServer.PASSWORD);
  }

  private ManagedServer register(
      String name,
      String host,
      int port,
      ConnectionSslMode mode,
      String username,
      String password) {
    Instant now = clock.instant();
    ManagedServer managed =
        new ManagedServer(
            UUID.randomUUID(),
            name,
            host,
            port,
            "postgres",
            username,
            mode,
            null,
            ENDPOINTS,
            Map.of(),
            null,
            1,
            now,
            now);
    stores.servers.insert(managed, password);
    return managed;
  }

  public SslState state(String name) {
    return states.read(access.require(name));
  }

  /** Runs a verb under the server's lock, as a request does. */
  public <T> T change(ManagedServer server, Function<ServerUnderChange, T> verb) {
    return changes.run(server, "ann", "test", verb);
  }

  /** Issues, installs and keeps a certificate for 90 days. */
  public InstalledCertificate install(ManagedServer server, CertificateSource source) {
    return change(
        server,
        change ->
            installer.install(
                change,
                new CertificateInstaller.Request(
                    source, KeyType.DEFAULT, Duration.ofDays(90), Set.of()),
                installer.prepareUndo(change)));
  }

  /** The answer to an SSLRequest in a word: the fingerprint served, or {@code N}. */
  public String served(PostgresServer server) {
    TlsAnswer answer = wire.tls(server.host(), server.port());
    if (answer instanceof TlsAnswer.Served served) {
      return served.fingerprint();
    }
    return answer instanceof TlsAnswer.NotOffered ? "N" : answer.toString();
  }

  /** postgresql.auto.conf, sorted: ALTER SYSTEM moves the line that it sets to the end. */
  public List<String> autoConf(PostgresServer server) {
    try {
      return Files.readAllLines(server.dataDirectory().resolve("postgresql.auto.conf")).stream()
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Self-signed certificate, {@code ssl=on}. */
  public void serveTls(ManagedServer server) {
    install(server, new CertificateSource.SelfSigned());
    change(server, change -> ssl.enable(change, null));
  }

  public RulesConversion.Plan enforce(ManagedServer server) {
    return enforce(server, ConversionOptions.DEFAULT);
  }

  public RulesConversion.Plan enforce(ManagedServer server, ConversionOptions options) {
    return conversions.convert(server, RulesConversion.Direction.ENFORCE, options, "ann");
  }

  public RulesConversion.Plan relax(ManagedServer server) {
    return conversions.convert(
        server, RulesConversion.Direction.RELAX, ConversionOptions.DEFAULT, "ann");
  }

  @Override
  public void close() {
    connector.close();
  }
}
