package dev.pgseal.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import org.junit.jupiter.api.extension.RegisterExtension;

class WireProbeTest {

  @RegisterExtension
  static final SharedPostgres SERVERS =
      new SharedPostgres(
          setup ->
              setup.hba(
                  """
                  host replication refused all reject
                  host all refused all reject
                  """
                      + PostgresServer.DEFAULT_HBA));

  @PostgresMajors
  void aServerWithoutTlsAnswersN(int major) throws Exception {
    assertThat(probe(major).servedCertificate()).isEmpty();
  }

  @PostgresMajors
  void aLoginIsAdmittedAsFarAsThePassword(int major) throws Exception {
    assertThat(probe(major).plaintextLogin("nobody", "postgres", false).admitted()).isTrue();
    assertThat(probe(major).plaintextLogin("nobody", "", true).admitted()).isTrue();
  }

  @PostgresMajors
  void aLoginIsRefusedByTheRules(int major) throws Exception {
    WireProbe.Login ordinary = probe(major).plaintextLogin("refused", "postgres", false);
    WireProbe.Login replication = probe(major).plaintextLogin("refused", "", true);

    assertThat(ordinary.refusedByRules()).isTrue();
    assertThat(ordinary.text()).contains("pg_hba.conf rejects connection");
    assertThat(replication.refusedByRules()).isTrue();
    assertThat(replication.text()).contains("pg_hba.conf rejects replication connection");
  }

  private static WireProbe probe(int major) {
    PostgresServer server = SERVERS.on(major);
    return new WireProbe(server.host(), server.port());
  }
}
