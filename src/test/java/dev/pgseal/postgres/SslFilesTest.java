package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link SslFiles} and {@link CsrOnServer}. */
class SslFilesTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private static final TestIdentity ONE = TestIdentity.forName("one");
  private static final TestIdentity OTHER = TestIdentity.forName("other");

  private static final String NAMES = "DNS:*.db_1.example.com,IP:10.0.0.5,IP:2001:db8:0:0:0:0:0:1";

  private final SslFiles sslFiles = new SslFiles();
  private final CsrOnServer csr = new CsrOnServer();
  private final ServerFiles files = new ServerFiles();

  private static void write(PostgresServer server, String name, String text, String mode)
      throws IOException {
    Path file = server.dataDirectory().resolve(name);
    Files.deleteIfExists(file);
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  private SslFileDiagnosis diagnosis(PostgresServer server) {
    try (PostgresSession session = Logins.open(server)) {
      return sslFiles.diagnose(session, "a.crt", server.dataDirectory() + "/a.key");
    }
  }

  @PostgresMajors
  void aGoodPairHasNoFault(int major) throws IOException {
    PostgresServer server = SERVERS.on(major);
    write(server, "a.crt", ONE.certificate(), "rw-r--r--");
    write(server, "a.key", ONE.key(), "rw-------");

    SslFileDiagnosis diagnosis = diagnosis(server);

    assertThat(diagnosis.faults()).isEmpty();
    try (PostgresSession session = Logins.open(server);
        var names = Files.list(server.dataDirectory())) {
      assertThat(diagnosis.keyCompared()).isEqualTo(files.commandExists(session, "openssl"));
      assertThat(names.map(Path::getFileName).map(Path::toString))
          .noneMatch(name -> name.startsWith(".pgseal"));
    }
  }

  @Test
  void eachFaultIsNamed() throws IOException {
    PostgresServer server = SERVERS.latest();
    Files.deleteIfExists(server.dataDirectory().resolve("a.crt"));
    Files.deleteIfExists(server.dataDirectory().resolve("a.key"));
    assertThat(diagnosis(server).faults())
        .containsExactly(SslFileFault.CERTIFICATE_MISSING, SslFileFault.KEY_MISSING);

    write(server, "a.crt", "garbage", "rw-r--r--");
    write(server, "a.key", ONE.key(), "rw-r-----");
    assertThat(diagnosis(server).faults())
        .containsExactly(SslFileFault.CERTIFICATE_NOT_PEM, SslFileFault.KEY_GROUP_OR_WORLD_ACCESS);

    write(server, "a.crt", ONE.certificate(), "rw-r--r--");
    write(server, "a.key", "garbage", "rw-------");
    assertThat(diagnosis(server).faults()).containsExactly(SslFileFault.KEY_NOT_PEM);

    write(
        server,
        "a.key",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "rw-------");
    assertThat(diagnosis(server).faults()).containsExactly(SslFileFault.KEY_ENCRYPTED);

    Files.delete(server.dataDirectory().resolve("a.key"));
    Files.createDirectory(server.dataDirectory().resolve("a.key"));
    assertThat(diagnosis(server).faults()).containsExactly(SslFileFault.KEY_NOT_REGULAR);
    Files.delete(server.dataDirectory().resolve("a.key"));
  }

  @Test
  void aKeyOfAnotherCertificateIsAMismatch() throws IOException {
    PostgresServer server = SERVERS.latest();
    write(server, "a.crt", ONE.certificate(), "rw-r--r--");
    write(server, "a.key", OTHER.key(), "rw-------");
    try (PostgresSession session = Logins.open(server)) {
      assumeTrue(csr.possible(session), "needs an openssl command");
    }

    assertThat(diagnosis(server).faults()).containsExactly(SslFileFault.KEY_MISMATCH);
  }

  @PostgresMajors
  void aKeyIsMadeOnTheServerAndAskedForAgain(int major) throws Exception {
    PostgresServer server = SERVERS.on(major);
    try (PostgresSession session = Logins.open(server)) {
      assumeTrue(csr.possible(session), "needs an openssl command");
      files.createDirectory(session, "pgseal/tls/ec");

      String request = csr.make(session, "pgseal/tls/ec", KeyOnServer.EC_P256, NAMES);
      String again = csr.make(session, "pgseal/tls/ec", KeyOnServer.EC_P256, NAMES);

      PKCS10CertificationRequest parsed = parse(request);
      assertThat(parsed.getSubject().getRDNs()).isEmpty();
      assertThat(
              GeneralNames.fromExtensions(
                      parsed.getRequestedExtensions(), Extension.subjectAlternativeName)
                  .getNames())
          .extracting(GeneralName::toString)
          .containsExactly(
              "2: *.db_1.example.com", "7: #0a000005", "7: #20010db8000000000000000000000001");
      assertThat(parsed.getSubjectPublicKeyInfo().getAlgorithm().getParameters())
          .isEqualTo(X9ObjectIdentifiers.prime256v1);
      assertThat(
              parsed.isSignatureValid(
                  new JcaContentVerifierProviderBuilder()
                      .setProvider(new BouncyCastleProvider())
                      .build(parsed.getSubjectPublicKeyInfo())))
          .isTrue();
      assertThat(parse(again).getSubjectPublicKeyInfo())
          .isEqualTo(parsed.getSubjectPublicKeyInfo());
      Path key = server.dataDirectory().resolve("pgseal/tls/ec/server.key");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
          .isEqualTo("rw-------");
      try (var names = Files.list(key.getParent())) {
        assertThat(names.map(Path::getFileName).map(Path::toString))
            .containsExactlyInAnyOrder("server.key", "server.csr");
      }
      assertThat(Files.readString(key)).contains("PRIVATE KEY");
    }
  }

  @Test
  void anRsaKeyHas3072Bits() throws Exception {
    PostgresServer server = SERVERS.latest();
    try (PostgresSession session = Logins.open(server)) {
      assumeTrue(csr.possible(session), "needs an openssl command");
      files.createDirectory(session, "pgseal/tls/rsa");

      String request = csr.make(session, "pgseal/tls/rsa", KeyOnServer.RSA_3072, NAMES);

      var key =
          (java.security.interfaces.RSAPublicKey)
              new JcaPEMKeyConverter().getPublicKey(parse(request).getSubjectPublicKeyInfo());
      assertThat(key.getModulus().bitLength()).isEqualTo(3072);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "DNS:a\n[req]", "DNS:$ENV::HOME", "DNS:a;email:b", "@section"})
  void namesThatOpensslWouldReadAsSomethingElseAreRefused(String names) {
    try (PostgresSession session = Logins.open(SERVERS.latest())) {
      assumeTrue(csr.possible(session), "needs an openssl command");
      files.createDirectory(session, "pgseal/tls/names");

      assertThatThrownBy(() -> csr.make(session, "pgseal/tls/names", KeyOnServer.EC_P256, names))
          .isInstanceOf(PgsealException.class)
          .hasMessageContaining("arrived damaged");
    }
  }

  @Test
  void aDirectoryThatIsNotThereIsTold() {
    try (PostgresSession session = Logins.open(SERVERS.latest())) {
      assumeTrue(csr.possible(session), "needs an openssl command");

      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () -> csr.make(session, "pgseal/absent", KeyOnServer.EC_P256, NAMES));

      assertThat(problem.type()).isEqualTo(ProblemType.FILE_NOT_WRITTEN);
      assertThat(problem.detail()).contains("directory does not exist");
    }
  }

  private static PKCS10CertificationRequest parse(String pem) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      return (PKCS10CertificationRequest) parser.readObject();
    }
  }
}
