package dev.pgseal.postgres;

import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A self-signed certificate and its key, PEM. */
record TestIdentity(String certificate, String key, String fingerprint) {

  static TestIdentity forAddress(String address) {
    return make(new GeneralName(GeneralName.iPAddress, address));
  }

  static TestIdentity forName(String name) {
    return make(new GeneralName(GeneralName.dNSName, name));
  }

  private static TestIdentity make(GeneralName name) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      X500Name subject = new X500Name("CN=test");
      Instant now = Instant.now();
      X509CertificateHolder holder =
          new JcaX509v3CertificateBuilder(
                  subject,
                  BigInteger.valueOf(now.toEpochMilli()),
                  Date.from(now.minus(1, ChronoUnit.HOURS)),
                  Date.from(now.plus(1, ChronoUnit.DAYS)),
                  subject,
                  pair.getPublic())
              .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(name))
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
      return new TestIdentity(
          pem(holder),
          pem(new JcaPKCS8Generator(pair.getPrivate(), null)),
          Fingerprints.sha256(holder.getEncoded()));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }

  /** Switches TLS on with this identity, behind pgseal's back. */
  void serveOn(PostgresServer server) {
    try {
      write(server.dataDirectory().resolve("server.crt"), certificate);
      write(server.dataDirectory().resolve("server.key"), key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.execute("ALTER SYSTEM SET ssl = on");
    server.reload();
  }

  private static void write(Path file, String text) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, text);
  }
}
