package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.ClientCertificateRequest;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.RevocationReason;
import dev.pgseal.certificate.RevokedCertificate;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What a server does with a client certificate, seen from outside. */
class ClientCertificateProbeTest {

  private static final Clock CLOCK = Clock.systemUTC();
  private static final Authority AUTHORITY =
      Authority.create(AuthorityProfile.of("Clients"), CLOCK);
  private static final Identity GOOD = Identity.of(AUTHORITY);
  private static final Identity REVOKED = Identity.of(AUTHORITY);

  private static PostgresServer postgres;

  private record Identity(BigInteger serial, ClientIdentity identity) {
    static Identity of(Authority authority) {
      KeyMaterial key = KeyType.DEFAULT.generate();
      var issued =
          authority.issueClient(
              new ClientCertificateRequest("app", Duration.ofMinutes(5), KeyType.DEFAULT),
              key.publicKey(),
              CLOCK);
      return new Identity(
          issued.leaf().getSerialNumber(), ClientIdentity.of(issued.chain(), key.privateKey()));
    }
  }

  @BeforeAll
  static void start() throws IOException {
    postgres = PostgresServer.latest().authenticationTimeout(Duration.ofMinutes(1)).start();
    KeyMaterial key = KeyType.DEFAULT.generate();
    write(
        "server.crt",
        AUTHORITY
            .issueServer(ServerCertificateRequest.of("127.0.0.1"), key.publicKey(), CLOCK)
            .chainPem()
            .getBytes());
    write("server.key", key.pkcs8Pem());
    write("clients.crt", AUTHORITY.bundle().getBytes());
    write(
        "clients.crl",
        AUTHORITY
            .issueCrl(
                BigInteger.ONE,
                List.of(
                    new RevokedCertificate(
                        REVOKED.serial(), CLOCK.instant(), RevocationReason.KEY_COMPROMISE)),
                Duration.ofDays(1),
                CLOCK)
            .pem()
            .getBytes());
    postgres.set("ssl", "on");
    postgres.set("ssl_ca_file", "clients.crt");
    postgres.set("ssl_crl_file", "clients.crl");
    postgres.reload();
  }

  private static void write(String name, byte[] content) throws IOException {
    Path file = Files.write(postgres.dataDirectory().resolve(name), content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  private static ClientCertificateAnswer present(ClientIdentity identity) {
    return new WireProbe()
        .clientCertificate(
            postgres.host(),
            postgres.port(),
            identity,
            LoginAttempt.tls(PostgresServer.SUPERUSER, "postgres"));
  }

  @Test
  void oneOfTheAuthorityIsTaken() {
    assertThat(present(GOOD.identity())).isInstanceOf(ClientCertificateAnswer.Taken.class);
  }

  @RepeatedTest(20)
  void aRevokedOneIsRefusedAndTheAlertSaysWhy() {
    assertThat(present(REVOKED.identity()))
        .isInstanceOfSatisfying(
            ClientCertificateAnswer.Refused.class,
            refused -> assertThat(refused.revoked()).as(refused.reason()).isTrue());
  }

  @RepeatedTest(20)
  void aForeignOneIsRefusedForAnotherReason() {
    Authority foreign = Authority.create(AuthorityProfile.of("Foreign"), CLOCK);

    assertThat(present(Identity.of(foreign).identity()))
        .isInstanceOfSatisfying(
            ClientCertificateAnswer.Refused.class,
            refused -> assertThat(refused.revoked()).as(refused.reason()).isFalse());
  }
}
