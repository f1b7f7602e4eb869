package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;

class EnforcementTest {

  private final TlsFixture tls = new TlsFixture();

  @AfterEach
  void close() {
    tls.close();
  }

  @ParameterizedTest
  @PostgresMajors
  void aServerGoesFromPlaintextToEnforcedTlsAndBackToTheBytesItBeganWith(int major) {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      String before = postgres.hba();
      ManagedServer server = tls.register("orders", postgres);
      tls.authorities.create("corp", AuthorityProfile.of("Corp CA"));
      assertThat(tls.state("orders").mode()).isEqualTo(SslState.Mode.OFF);

      InstalledCertificate installed = install(server, new CertificateSource.FromAuthority("corp"));
      tls.changes.run(
          server,
          "ann",
          "on",
          change -> {
            tls.ssl.enable(change, "TLSv1.3");
            return null;
          });
      SslState offered = tls.state("orders");
      assertThat(offered.mode()).as(offered.toString()).isEqualTo(SslState.Mode.OFFERED);
      assertThat(offered.served().fingerprint()).isEqualTo(installed.certificate().fingerprint());

      tls.conversions.convert(
          server, RulesConversion.Direction.ENFORCE, ConversionOptions.DEFAULT, "ann");
      SslState enforced = tls.state("orders");
      assertThat(enforced.mode()).as(enforced.toString()).isEqualTo(SslState.Mode.ENFORCED);

      tls.conversions.convert(
          server, RulesConversion.Direction.RELAX, ConversionOptions.DEFAULT, "ann");
      tls.changes.run(
          server,
          "ann",
          "off",
          change -> {
            tls.ssl.disable(change);
            return null;
          });
      SslState off = tls.state("orders");
      assertThat(off.mode()).as(off.toString()).isEqualTo(SslState.Mode.OFF);
      assertThat(postgres.hba()).isEqualTo(before);
    }
  }

  private InstalledCertificate install(ManagedServer server, CertificateSource source) {
    return tls.changes.run(
        server,
        "ann",
        "install",
        change ->
            tls.installer.install(
                change,
                new CertificateInstaller.Request(
                    source, KeyType.DEFAULT, Duration.ofDays(90), Set.of()),
                tls.installer.prepareUndo(change)));
  }
}
