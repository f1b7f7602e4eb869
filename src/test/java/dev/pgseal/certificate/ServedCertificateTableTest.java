package dev.pgseal.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.pgseal.testing.PostgresMajors;
import java.io.IOException;
import java.net.InetAddress;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;

/**
 * The table on real servers: each certificate is served, and libpq and pgjdbc log in with {@code
 * sslmode=verify-full}, SCRAM channel binding and a client certificate of the same kind, by TLS 1.2
 * and TLS 1.3. Server and libpq check the other side with the CRLs of every authority of the path.
 */
class ServedCertificateTableTest {

  private static final List<String> PROTOCOLS = List.of("TLSv1.2", "TLSv1.3");

  private static final Map<Integer, ServingPostgres> SERVERS = new ConcurrentHashMap<>();

  @AfterAll
  static void stopServers() {
    SERVERS.values().forEach(ServingPostgres::close);
    SERVERS.clear();
  }

  @TestFactory
  Stream<DynamicContainer> libpqAndPgjdbcTakeWhatIsServed() {
    return PostgresMajors.Provider.tested().stream()
        .map(
            major ->
                dynamicContainer(
                    "PostgreSQL " + major,
                    CertificateCell.of(major)
                        .map(cell -> dynamicTest(cell.toString(), () -> isTaken(major, cell)))));
  }

  private static void isTaken(int major, CertificateCell cell) throws Exception {
    IssuedCertificate certificate = cell.issue();
    IssuedCertificate client = client(cell);
    List<RevocationList> lists = cell.revocationLists(cell.issue(), client(cell));
    ServingPostgres server = server(major);
    server.trust(cell, lists, client, cell.clientKey());
    boolean binding = cell.signer().signsForChannelBinding();
    for (String protocol : PROTOCOLS) {
      server.serve(certificate, cell.serverKey(), protocol);
      TlsClient.Session expected =
          new TlsClient.Session(protocol, client.leaf().getSerialNumber().toString());

      assertThat(server.client().pgjdbc(pgjdbcHost(cell.name()), binding)).isEqualTo(expected);
      if (major == 14 && cell.name() == NameKind.IPV6) {
        assertThatThrownBy(() -> server.client().libpq(cell.name().host(), binding))
            .as("as the warning of the certificate says: libpq 14 looks for no iPAddress")
            .hasMessageContaining("server certificate");
        assertThat(certificate.warnings())
            .extracting(Finding::code)
            .contains(Finding.Code.NAME_MISMATCH_OLD_CLIENTS);
      } else {
        assertThat(server.client().libpq(cell.name().host(), binding)).isEqualTo(expected);
      }
    }
  }

  @TestFactory
  Stream<DynamicContainer> whoIsRevokedOrHasAnotherNameIsRefused() {
    return PostgresMajors.Provider.tested().stream()
        .map(
            major ->
                dynamicContainer(
                    "PostgreSQL " + major,
                    Stream.of(KeyType.ECDSA_P256, KeyType.RSA_3072)
                        .map(
                            type ->
                                dynamicTest(
                                    type.name(),
                                    () ->
                                        isRefused(
                                            server(major),
                                            new CertificateCell(type, type, NameKind.DNS))))));
  }

  private static void isRefused(ServingPostgres server, CertificateCell cell) throws Exception {
    String host = cell.name().host();
    IssuedCertificate certificate = cell.issue();
    IssuedCertificate client = client(cell);

    server.trust(cell, cell.revocationLists(client), client, cell.clientKey());
    server.serve(certificate, cell.serverKey(), "TLSv1.3");
    assertThatThrownBy(() -> server.client().libpq(host, true)).hasMessageContaining("revoked");
    assertThatThrownBy(() -> server.client().pgjdbc(host, true)).isInstanceOf(SQLException.class);

    server.trust(cell, cell.revocationLists(certificate), client, cell.clientKey());
    server.serve(certificate, cell.serverKey(), "TLSv1.3");
    assertThatThrownBy(() -> server.client().libpq(host, true))
        .hasMessageContaining("certificate verify failed");
    assertThat(server.client().pgjdbc(host, true).protocol())
        .as("pgjdbc reads no CRL")
        .isEqualTo("TLSv1.3");
    assertThatThrownBy(() -> server.client().pgjdbc("other.example.com", true))
        .hasMessageContaining("other.example.com");

    server.trust(cell, cell.revocationLists(), client, cell.clientKey());
    assertThat(server.client().libpq(host, true).protocol()).isEqualTo("TLSv1.3");
    assertThatThrownBy(() -> server.client().libpq("other.example.com", true))
        .hasMessageContaining("does not match host name");
  }

  /** OpenSSL asks in TLS 1.2 whether a client's curve is among the server's ssl_ecdh_curve. */
  @TestFactory
  Stream<DynamicContainer> aP384ClientIsTakenByTls13Only() {
    CertificateCell cell =
        new CertificateCell(KeyType.ECDSA_P384, KeyType.ECDSA_P384, NameKind.DNS);
    return PostgresMajors.Provider.tested().stream()
        .map(
            major ->
                dynamicContainer(
                    "PostgreSQL " + major,
                    Stream.of(dynamicTest("P-384", () -> takenByTls13(server(major), cell)))));
  }

  private static void takenByTls13(ServingPostgres server, CertificateCell cell) throws Exception {
    IssuedCertificate client = cell.issueClient("postgres", cell.serverKey());
    String host = cell.name().host();
    server.trust(cell, cell.revocationLists(), client, cell.serverKey());

    server.serve(cell.issue(), cell.serverKey(), "TLSv1.3");
    assertThat(server.client().pgjdbc(host, true).protocol()).isEqualTo("TLSv1.3");
    assertThat(server.client().libpq(host, true).protocol()).isEqualTo("TLSv1.3");
    server.serve(cell.issue(), cell.serverKey(), "TLSv1.2");
    assertThatThrownBy(() -> server.client().pgjdbc(host, true)).isInstanceOf(SQLException.class);
    assertThatThrownBy(() -> server.client().libpq(host, true)).isInstanceOf(SQLException.class);
    assertThat(server.server().log()).contains("wrong curve");
    assertThat(client.warnings())
        .extracting(Finding::code)
        .contains(Finding.Code.KEY_NOT_SUPPORTED_EVERYWHERE);
  }

  /** The one signature that a client cannot bind to, as the refusal without acceptance says. */
  @TestFactory
  Stream<DynamicContainer> anEd25519SignatureCannotBeBoundTo() {
    CertificateCell cell = new CertificateCell(KeyType.ED25519, KeyType.ECDSA_P256, NameKind.DNS);
    return PostgresMajors.Provider.tested().stream()
        .map(
            major ->
                dynamicContainer(
                    "PostgreSQL " + major,
                    Stream.of(dynamicTest("verify-full", () -> cannotBind(server(major), cell)))));
  }

  private static void cannotBind(ServingPostgres server, CertificateCell cell) throws Exception {
    server.trust(cell, cell.revocationLists(), client(cell), cell.clientKey());
    server.serve(cell.issue(), cell.serverKey(), "TLSv1.3");

    assertThatThrownBy(() -> server.client().libpq(cell.name().host(), true))
        .hasMessageContaining("could not find digest");
    assertThatThrownBy(() -> server.client().pgjdbc(cell.name().host(), true))
        .hasMessageContaining("Ed25519");
  }

  /** pgjdbc turns U-labels into A-labels itself, and compares addresses as Java writes them. */
  private static String pgjdbcHost(NameKind name) throws IOException {
    return switch (name) {
      case IDN -> name.endpoint();
      case IPV6 -> InetAddress.getByName(name.host()).getHostAddress();
      default -> name.host();
    };
  }

  private static IssuedCertificate client(CertificateCell cell) {
    return cell.issueClient("postgres", cell.clientKey());
  }

  private static ServingPostgres server(int major) {
    return SERVERS.computeIfAbsent(major, ServingPostgres::start);
  }
}
