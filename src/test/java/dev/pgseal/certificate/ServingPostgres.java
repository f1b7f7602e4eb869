package dev.pgseal.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A server whose certificate, CA and CRL files are exchanged by a reload, and its client. */
record ServingPostgres(PostgresServer server, TlsClient client) implements AutoCloseable {

  static ServingPostgres start(int major) {
    PostgresServer server =
        PostgresServer.builder(major)
            .setting("ssl_ca_file", "root.crt")
            .setting("ssl_crl_file", "root.crl")
            .start();
    try {
      return new ServingPostgres(server, new TlsClient(server));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Lets both sides trust the signer's root and believe these CRLs, the server after the next
   * {@link #serve}.
   *
   * @param identity the client's certificate, and its key
   */
  void trust(
      CertificateCell cell,
      List<RevocationList> lists,
      IssuedCertificate identity,
      KeyMaterial identityKey)
      throws IOException {
    String bundle = Fixtures.root(cell.signer()).bundle();
    Files.writeString(file("root.crt"), bundle);
    Files.writeString(
        file("root.crl"), lists.stream().map(RevocationList::pem).collect(Collectors.joining()));
    client.use(bundle, lists, identity, identityKey);
  }

  /** Serves it by this version of TLS only, and looks from outside whether it does. */
  void serve(IssuedCertificate certificate, KeyMaterial key, String protocol)
      throws IOException, SQLException {
    Files.writeString(file("server.crt"), certificate.chainPem());
    Files.write(file("server.key"), key.pkcs8Pem());
    Files.setPosixFilePermissions(
        file("server.key"),
        Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
    server.set("ssl", "on");
    server.set("ssl_min_protocol_version", protocol);
    server.set("ssl_max_protocol_version", protocol);
    try (var statement = client.administrator().createStatement()) {
      statement.execute("select pg_reload_conf()");
    }
    assertThat(new WireProbe().tls(server.host(), server.port()))
        .as(server::log)
        .isInstanceOfSatisfying(
            TlsAnswer.Served.class,
            served -> {
              assertThat(served.chain()).isEqualTo(certificate.chain());
              assertThat(served.protocol()).isEqualTo(protocol);
            });
  }

  private Path file(String name) {
    return server.dataDirectory().resolve(name);
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } finally {
      server.close();
    }
  }
}
