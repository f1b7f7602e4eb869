package dev.pgseal.bench;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.certificate.SigningRequest;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The parts of issuing one by one: what one thread of this JVM and what the database needs. */
final class Stages {

  private static final int TIMES = 4_000;
  private static final int CALLERS = 8;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final Clock CLOCK = Clock.systemUTC();

  private final PrintStream out;

  Stages(PrintStream out) {
    this.out = out;
  }

  void measure(String csr, Database database) throws Exception {
    Authority authority = Authority.create(AuthorityProfile.of("Stages CA"), CLOCK);
    String chain = authority.bundle();
    String key = new String(authority.key().pkcs8Pem(), StandardCharsets.US_ASCII);
    SigningRequest request = SigningRequest.parse(csr);
    ServerCertificateRequest wanted =
        ServerCertificateRequest.of(Names.ENDPOINTS.toArray(String[]::new));
    IssuedCertificate issued = authority.issueServer(wanted, request, CLOCK);

    out.printf("%nCPU time of one thread%n");
    report("read the CSR, check its signature", () -> SigningRequest.parse(csr));
    report(
        "open the authority, check its key",
        () -> Authority.of(chain, key, null, AuthorityPolicy.DEFAULT, Set.of(), CLOCK));
    report("sign the certificate", () -> authority.issueServer(wanted, request, CLOCK));
    report(
        "describe it, write PEM",
        () -> CertificateDescription.of(issued.leaf()).fingerprint() + issued.chainPem());
    report("make a key", KeyType.ECDSA_P256::generate);
    out.printf("%nThe control database, %d sessions%n", CALLERS);
    reportInserts(database, issued.chainPem());
  }

  private void report(String what, Callable<?> stage) throws Exception {
    for (int i = 0; i < TIMES / 2; i++) {
      stage.call();
    }
    long begin = THREADS.getCurrentThreadCpuTime();
    for (int i = 0; i < TIMES; i++) {
      stage.call();
    }
    double micros = (THREADS.getCurrentThreadCpuTime() - begin) / 1e3 / TIMES;
    out.printf("  %-36s %5.0f us  %6.0f/s%n", what, micros, 1e6 / micros);
  }

  /** Into a table like that of the certificates, each row a commit. */
  private void reportInserts(Database database, String pem) throws Exception {
    try (Connection connection = connect(database);
        var statement = connection.createStatement()) {
      statement.execute("create table bench_certificate (like certificate including indexes)");
    }
    ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
    try {
      long begin = System.nanoTime();
      List<Future<?>> running = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        running.add(threads.submit(() -> insert(database, pem, TIMES / CALLERS)));
      }
      for (Future<?> one : running) {
        one.get();
      }
      double micros = (System.nanoTime() - begin) / 1e3 / TIMES;
      out.printf("  %-36s %5.0f us  %6.0f/s%n", "insert and commit", micros, 1e6 / micros);
    } finally {
      threads.shutdownNow();
    }
  }

  private static Void insert(Database database, String pem, int times) throws SQLException {
    try (Connection connection = connect(database);
        var insert =
            connection.prepareStatement(
                """
                insert into bench_certificate (id, purpose, authority, serial, fingerprint, subject,
                  subject_names, not_before, not_after, pem, created_at)
                values (?, 'SERVER', 'bench', ?, ?, 'CN=db1', '["db1"]', now(), now(), ?, now())
                """)) {
      for (int i = 0; i < times; i++) {
        UUID id = UUID.randomUUID();
        insert.setObject(1, id);
        insert.setString(2, id.toString());
        insert.setString(3, id.toString());
        insert.setString(4, pem);
        insert.executeUpdate();
      }
    }
    return null;
  }

  private static Connection connect(Database database) throws SQLException {
    return DriverManager.getConnection(database.url(), database.user(), database.password());
  }
}
