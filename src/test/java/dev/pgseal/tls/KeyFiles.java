package dev.pgseal.tls;

import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.SelfSigned;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;

/** server.crt and server.key of a data directory, written behind pgseal's back. */
record KeyFiles(Path certificate, Path key) {

  static KeyFiles of(PostgresServer server) {
    return new KeyFiles(
        server.dataDirectory().resolve("server.crt"), server.dataDirectory().resolve("server.key"));
  }

  /** A certificate and the key that belongs to it. */
  record Pair(IssuedCertificate certificate, KeyMaterial key) {

    static Pair create() {
      KeyMaterial key = KeyType.DEFAULT.generate();
      return new Pair(
          SelfSigned.server(
              new ServerCertificateRequest(
                  TlsFixture.ENDPOINTS, Duration.ofDays(1), KeyType.DEFAULT),
              key,
              Clock.systemUTC()),
          key);
    }

    String fingerprint() {
      return certificate.describe().fingerprint();
    }

    String keyPem() {
      return new String(key.pkcs8Pem(), StandardCharsets.US_ASCII);
    }

    /** PKCS#8, encrypted. */
    String encryptedKeyPem(String passphrase) {
      StringWriter text = new StringWriter();
      try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
        writer.writeObject(
            new JcaPKCS8Generator(
                key.privateKey(),
                new JceOpenSSLPKCS8EncryptorBuilder(JcaPKCS8Generator.AES_256_CBC)
                    .setProvider(new BouncyCastleProvider())
                    .setPassword(passphrase.toCharArray())
                    .build()));
      } catch (IOException | OperatorCreationException e) {
        throw new IllegalStateException(e);
      }
      return text.toString();
    }
  }

  /** Good files, mode 0600. */
  void write(Pair pair) {
    writeCertificate(pair.certificate().chainPem());
    writeKey(pair.keyPem());
  }

  void writeCertificate(String text) {
    write(certificate, text.getBytes(StandardCharsets.US_ASCII));
  }

  void writeKey(String text) {
    writeKey(text.getBytes(StandardCharsets.US_ASCII));
  }

  void writeKey(byte[] content) {
    write(key, content);
    keyMode("rw-------");
  }

  void keyMode(String permissions) {
    try {
      Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(permissions));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, byte[] content) {
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
