package dev.pgseal.certificate;

import static dev.pgseal.certificate.Fixtures.AUTHORITY;
import static dev.pgseal.certificate.Fixtures.CLOCK;
import static dev.pgseal.certificate.Fixtures.EC_KEY;
import static dev.pgseal.certificate.Fixtures.ED25519_KEY;
import static dev.pgseal.certificate.Fixtures.RSA_KEY;
import static dev.pgseal.certificate.Fixtures.pem;
import static dev.pgseal.certificate.Fixtures.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.problem.ProblemType;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningRequestTest {

  @TempDir Path directory;

  @Test
  void keyNamesAndSubjectAreRead() throws Exception {
    SigningRequest request = SigningRequest.parse(pem(csr(EC_KEY, EC_KEY, "db.example.com")));

    assertThat(request.publicKey()).isEqualTo(EC_KEY.publicKey());
    assertThat(request.subject()).isEqualTo("CN=db");
    assertThat(request.names().dnsNames()).containsExactly("db.example.com");
    assertThat(request.keyDescription()).isEqualTo("EC P-256");
  }

  @Test
  void theNamesIssuedAreThoseOfTheRequestAndNotOfTheCsr() throws Exception {
    SigningRequest csr = SigningRequest.parse(pem(csr(EC_KEY, EC_KEY, "victim.example.com")));

    IssuedCertificate issued =
        AUTHORITY.issueServer(Fixtures.request("db.example.com"), csr, CLOCK);

    assertThat(issued.describe().names()).containsExactly("db.example.com");
    assertThat(issued.leaf().getSubjectX500Principal().getName()).isEqualTo("CN=db.example.com");
  }

  @Test
  void aRequestSignedByAnotherKeyIsRefused() throws Exception {
    String foreign = pem(csr(EC_KEY, KeyType.ECDSA_P256.generate(), "db"));

    assertThat(refused(foreign)).contains("signature of the CSR does not hold");
    assertThat(refused(pem(csr(EC_KEY, RSA_KEY, "db")))).contains("does not hold");
  }

  @Test
  void aCaOutsideGetsTheCsrOnlyWhenItAsksForExactlyTheNames() throws Exception {
    SubjectAltNames wanted = SubjectAltNames.of(List.of("db", "192.0.2.1"), false);
    byte[] exact = SigningRequestBuilder.server(EC_KEY, wanted);
    SubjectAltNames forOldClients = SubjectAltNames.of(List.of("db", "192.0.2.1"), true);
    SubjectAltNames withoutTheCommonName = SubjectAltNames.of(List.of("db.example.com"));

    assertThat(parsed(exact).requireNames(wanted)).isEqualTo(exact);
    assertThat(
            parsed(csr(EC_KEY, EC_KEY, "db").getEncoded())
                .requireNames(SubjectAltNames.of(List.of("db"))))
        .isNotEmpty();
    assertThat(
            refusal(
                    ProblemType.CERTIFICATE_INVALID,
                    () ->
                        parsed(SigningRequestBuilder.server(EC_KEY, forOldClients))
                            .requireNames(wanted))
                .detail())
        .contains("takes them from the CSR");
    assertThat(
            refusal(
                    ProblemType.CERTIFICATE_INVALID,
                    () ->
                        parsed(csr(EC_KEY, EC_KEY, "db.example.com").getEncoded())
                            .requireNames(withoutTheCommonName))
                .detail())
        .contains("asks for the names [db.example.com, db]");
  }

  @Test
  void aWeakKeyIsRefused() throws Exception {
    KeyPair weak = Fixtures.rsa(1024);
    KeyMaterial key = new KeyMaterial(weak.getPrivate(), weak.getPublic());

    assertThat(refused(pem(csr(key, key, "db")))).contains("at least 2048 bits");
  }

  @Test
  void whatIsNoRequestIsRefused() {
    assertThat(refused(AUTHORITY.bundle())).contains("one CERTIFICATE REQUEST block");
    assertThat(
            refused(
                "-----BEGIN CERTIFICATE REQUEST-----\nMAMCAQE=\n-----END CERTIFICATE REQUEST-----\n"))
        .contains("Not a CSR");
  }

  @Test
  void whatTheSenderWillNotGetIsToldBefore() throws Exception {
    SigningRequest request =
        SigningRequest.parse(pem(csr(ED25519_KEY, ED25519_KEY, "other.example.com")));
    SigningRequest authority =
        SigningRequest.parse(PendingAuthority.create(AuthorityProfile.of("Sub CA")).csrPem());

    assertThat(request.lint(List.of("db.example.com")))
        .extracting(Finding::code)
        .containsExactly(Finding.Code.NAME_NOT_ISSUED);
    assertThat(request.lint(List.of("other.example.com"))).isEmpty();
    assertThat(authority.lint(List.of("db")))
        .extracting(Finding::code)
        .containsExactly(Finding.Code.PURPOSE_NOT_ISSUED);
  }

  @Test
  void aRequestMadeByOpenSslIsRead() throws Exception {
    OpenSsl.assumeInstalled(directory);
    OpenSsl openSsl = new OpenSsl(directory);
    openSsl.run(
        "req",
        "-new",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "key.pem",
        "-out",
        "csr.pem",
        "-subj",
        "/CN=db",
        "-addext",
        "subjectAltName=DNS:db.example.com,IP:192.0.2.1");

    SigningRequest request = SigningRequest.parse(openSsl.read("csr.pem"));

    assertThat(request.names().texts()).containsExactly("db.example.com", "192.0.2.1");
    assertThat(Pem.privateKey(openSsl.read("key.pem"), null).publicKey())
        .isEqualTo(request.publicKey());
  }

  static PKCS10CertificationRequest csr(KeyMaterial key, KeyMaterial signer, String name)
      throws Exception {
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    extensions.addExtension(
        Extension.subjectAlternativeName,
        false,
        SubjectAltNames.of(List.of(name)).toGeneralNames());
    return new PKCS10CertificationRequestBuilder(
            new X500Name("CN=db"), KeyMaterial.info(key.publicKey()))
        .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
        .build(SigningKey.signer(signer.privateKey(), SigningKey.algorithm(signer.publicKey())));
  }

  private static SigningRequest parsed(byte[] der) throws Exception {
    return SigningRequest.parse(pem(new PKCS10CertificationRequest(der)));
  }

  private static String refused(String text) {
    return refusal(ProblemType.CERTIFICATE_INVALID, () -> SigningRequest.parse(text)).detail();
  }
}
