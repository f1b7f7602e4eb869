package dev.pgseal.certificate;

import static dev.pgseal.certificate.Fixtures.CLOCK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What others say of our certificates: Java's PKIX validation, its TLS, and OpenSSL. */
class IssuedCertificateAcceptanceTest {

  /** Name kinds: what the certificate is issued for, and the host a client asks for. */
  private static final Map<String, String> NAMES =
      Map.of(
          "db.example.com", "db.example.com",
          "*.example.com", "any.example.com",
          "192.0.2.7", "192.0.2.7",
          "2001:db8::7", "2001:db8:0:0:0:0:0:7",
          "bücher.example.com", "xn--bcher-kva.example.com");

  @TempDir Path directory;

  @TestFactory
  Stream<DynamicTest> everyAuthorityKeyAndServerKeyAndNameIsAccepted() {
    return Stream.of(KeyType.values())
        .flatMap(
            authorityKey ->
                Stream.of(KeyType.values())
                    .map(
                        serverKey ->
                            dynamicTest(
                                authorityKey + " signs " + serverKey,
                                () -> acceptedForEveryName(authorityKey, serverKey))));
  }

  @Test
  void aClientRefusesAnotherHostAndAnotherAuthority() throws Exception {
    Authority authority = Fixtures.AUTHORITY;
    KeyMaterial key = Fixtures.EC_KEY;
    IssuedCertificate issued =
        authority.issueServer(Fixtures.request("db.example.com"), key.publicKey(), CLOCK);
    String foreign = Authority.create(AuthorityProfile.of("Foreign"), CLOCK).bundle();

    assertThatThrownBy(() -> handshake(issued, key, authority.bundle(), "other.example.com"))
        .isInstanceOf(SSLException.class);
    assertThatThrownBy(() -> handshake(issued, key, foreign, "db.example.com"))
        .isInstanceOf(SSLException.class);
    assertThat(handshake(issued, key, authority.bundle(), "db.example.com")).isEqualTo("TLSv1.3");
  }

  @Test
  void aSelfSignedCertificateIsItsOwnAnchor() throws Exception {
    for (String name : List.of("db.example.com", "192.0.2.7")) {
      KeyMaterial key = Fixtures.EC_KEY;
      IssuedCertificate issued = SelfSigned.server(Fixtures.request(name), key, CLOCK);

      assertThat(issued.leaf().getBasicConstraints()).isEqualTo(-1);
      assertThat(issued.leaf().getKeyUsage())
          .as("with one, OpenSSL 1.1.1 would not take it for self-signed")
          .isNull();
      validatedByJava(issued.chain(), issued.leaf());
      for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
        assertThat(TlsHandshake.negotiate(issued.chain(), key, issued.chainPem(), name, protocol))
            .isEqualTo(protocol);
      }
    }
  }

  @Test
  void openSslAcceptsASelfSignedCertificateStrictly() throws Exception {
    OpenSsl.assumeInstalled(directory);
    IssuedCertificate issued =
        SelfSigned.server(Fixtures.request("db.example.com"), Fixtures.EC_KEY, CLOCK);

    assertThat(
            new OpenSsl(directory)
                .verifyServer(
                    issued.chainPem(), issued.chainPem(), "-verify_hostname", "db.example.com"))
        .contains("OK");
  }

  private void acceptedForEveryName(KeyType authorityKey, KeyType serverKey) throws Exception {
    Authority issuing = Fixtures.issuing(authorityKey);
    for (Map.Entry<String, String> name : NAMES.entrySet()) {
      KeyMaterial key = Fixtures.key(serverKey);
      IssuedCertificate issued =
          issuing.issueServer(Fixtures.request(name.getKey()), key.publicKey(), CLOCK);
      validatedByJava(issued.chain(), issuing.root());
      for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
        assertThat(
                TlsHandshake.negotiate(
                    issued.chain(), key, issuing.bundle(), name.getValue(), protocol))
            .isEqualTo(protocol);
      }
    }
    everyNameAtOnceIsAcceptedByOpenSsl(issuing, Fixtures.key(serverKey));
  }

  private void everyNameAtOnceIsAcceptedByOpenSsl(Authority issuing, KeyMaterial key)
      throws Exception {
    OpenSsl.assumeInstalled(directory);
    IssuedCertificate issued =
        issuing.issueServer(
            Fixtures.request(NAMES.keySet().toArray(String[]::new)), key.publicKey(), CLOCK);
    for (String host : NAMES.values()) {
      boolean ip = host.indexOf(':') > 0 || host.startsWith("192");
      assertThat(
              new OpenSsl(directory)
                  .verifyServer(
                      issuing.bundle(),
                      issued.chainPem(),
                      ip ? "-verify_ip" : "-verify_hostname",
                      host))
          .contains("OK");
    }
  }

  static void validatedByJava(List<X509Certificate> chain, X509Certificate anchor)
      throws Exception {
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
    parameters.setRevocationEnabled(false);
    List<X509Certificate> path = new ArrayList<>(chain);
    CertPathValidator.getInstance("PKIX")
        .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
  }

  private static String handshake(
      IssuedCertificate issued, KeyMaterial key, String bundle, String host) throws Exception {
    return TlsHandshake.negotiate(issued.chain(), key, bundle, host, "TLSv1.3");
  }
}
