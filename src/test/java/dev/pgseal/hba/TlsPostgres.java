package dev.pgseal.hba;

import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.SelfSigned;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;

/** Turns TLS on in a server of the fixture. */
final class TlsPostgres {

  private TlsPostgres() {}

  static void enable(PostgresServer server) throws IOException {
    KeyMaterial key = KeyType.DEFAULT.generate();
    String certificate =
        SelfSigned.server(ServerCertificateRequest.of("localhost"), key, Clock.systemUTC())
            .chainPem();
    Path keyFile = server.dataDirectory().resolve("server.key");
    Files.write(keyFile, key.pkcs8Pem());
    Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(server.dataDirectory().resolve("server.crt"), certificate);
    server.set("ssl", "on");
    server.reload();
  }
}
