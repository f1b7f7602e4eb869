package dev.pgseal.acme;

import static dev.pgseal.acme.AcmeFixture.POLICY;
import static dev.pgseal.acme.AcmeFixture.account;
import static dev.pgseal.acme.AcmeFixture.open;
import static dev.pgseal.acme.AcmeFixture.refused;
import static dev.pgseal.acme.AcmeFixture.request;
import static dev.pgseal.acme.AcmeFixture.trusted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.certificate.Finding;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.RequestKey;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.certificate.SigningRequest;
import dev.pgseal.certificate.SubjectAltNames;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.CertificateIssuer;
import dev.pgseal.issuing.ExternalAccount;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.shredzone.acme4j.Identifier;

/** Certificates from a real ACME server. */
class AcmeIssuersTest {

  private static Pebble ca;
  private static ExternalAccount account;

  @BeforeAll
  static void start() {
    ca = Pebble.start(false, Map.of("PEBBLE_ALTERNATE_ROOTS", "2"));
    account = account(ca);
  }

  @AfterAll
  static void stop() {
    if (ca != null) {
      ca.close();
    }
  }

  @BeforeEach
  void reset() {
    ca.hook().reset();
  }

  @Test
  void namesAreProvedByDnsAndTheRecordsRemovedAgain() {
    KeyMaterial key = KeyType.ECDSA_P256.generate();

    IssuedCertificate issued =
        open(account, ca).issueServer(request("db1.example.com", "*.db1.example.com"), here(key));

    assertThat(key.matches(issued.leaf())).isTrue();
    assertThat(SubjectAltNames.of(issued.leaf()).texts())
        .containsExactlyInAnyOrder("db1.example.com", "*.db1.example.com");
    assertThat(issued.chain()).hasSize(2);
    assertThat(TrustBundle.parse(ca.root(0)).anchors(issued.chain())).isTrue();
    assertThat(ca.hook().presented())
        .containsExactly("_acme-challenge.db1.example.com.", "_acme-challenge.db1.example.com.");
    assertThat(ca.hook().cleanedUp()).isEqualTo(ca.hook().presented());
  }

  @Test
  void aNameThatIsAuthorisedAlreadyNeedsNoRecord() {
    CertificateIssuer issuer = open(account, ca);
    issuer.issueServer(request("again.example.com"), here(KeyType.ECDSA_P256.generate()));
    ca.hook().reset();

    issuer.issueServer(request("again.example.com"), here(KeyType.RSA_3072.generate()));

    assertThat(ca.hook().presented()).isEmpty();
  }

  @Test
  void anAddressThatWasAuthorisedBeforehandIsNamedBesideDnsNames() throws Exception {
    Preauthorization.of(account, Identifier.ip("127.0.0.1"), ca);

    IssuedCertificate issued =
        open(account, ca)
            .issueServer(
                request("127.0.0.1", "ip.example.com"), here(KeyType.ECDSA_P256.generate()));

    SubjectAltNames names = SubjectAltNames.of(issued.leaf());
    assertThat(names.dnsNames()).containsExactly("ip.example.com");
    assertThat(names.addresses()).extracting(Object::toString).containsExactly("/127.0.0.1");
    assertThat(issued.warnings())
        .extracting(Finding::code)
        .containsExactly(Finding.Code.NAME_MISMATCH_OLD_CLIENTS);
  }

  @Test
  void anAddressThatIsNotAuthorisedIsRefusedSinceDnsCannotProveIt() {
    PgsealException problem =
        refused(
            () ->
                open(account, ca)
                    .issueServer(request("127.0.0.9"), here(KeyType.ECDSA_P256.generate())));

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(problem.detail()).contains("127.0.0.9").contains("http-01");
    assertThat((String) problem.members().get("hint")).contains("beforehand");
  }

  @Test
  void aRequestFromTheServerIsSignedWhenItAsksForTheEndpoints() {
    KeyMaterial key = KeyType.ECDSA_P256.generate();
    ServerCertificateRequest request = request("csr.example.com");

    IssuedCertificate issued =
        open(account, ca).issueServer(request, elsewhere(key, "csr.example.com"));

    assertThat(key.matches(issued.leaf())).isTrue();
  }

  @Test
  void withoutAWebhookNamesMustBeAuthorisedBeforehand() {
    ExternalAccount without = account(ca, ca.directory(), null, null);

    PgsealException problem =
        refused(
            () ->
                open(without, ca)
                    .issueServer(
                        request("hookless.example.com"), here(KeyType.ECDSA_P256.generate())));

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(problem.detail()).contains("hookless.example.com").contains("no DNS webhook");
  }

  @Test
  void recordsAreRemovedAlsoWhenTheCaFindsNone() {
    ca.hook().forgets(true);

    PgsealException problem =
        refused(
            () ->
                open(account, ca)
                    .issueServer(
                        request("absent.example.com"), here(KeyType.ECDSA_P256.generate())));

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(problem.detail()).contains("would not authorise absent.example.com").contains("TXT");
    assertThat(issuerProblem(problem))
        .containsEntry("type", "urn:ietf:params:acme:error:unauthorized");
    assertThat(ca.hook().cleanedUp()).containsExactly("_acme-challenge.absent.example.com.");
  }

  @Test
  void aWebhookThatRefusesIsToldWithoutItsPassword() {
    ExternalAccount wrong =
        account(ca, ca.directory(), ca.hook().withPassword("not-the-password"), null);

    PgsealException problem =
        refused(
            () ->
                open(wrong, ca)
                    .issueServer(
                        request("locked.example.com"), here(KeyType.ECDSA_P256.generate())));

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(problem.detail()).contains("webhook answered 401 to present");
    assertThat(problem.detail() + problem.members()).doesNotContain("not-the-password");
  }

  @Test
  void whatTheCaRefusesIsToldInItsWords() {
    PgsealException problem =
        refused(
            () ->
                open(account, ca)
                    .issueServer(
                        request("db." + Pebble.BLOCKED), here(KeyType.ECDSA_P256.generate())));

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(problem.detail()).contains(Pebble.BLOCKED).contains("policy");
    assertThat(issuerProblem(problem))
        .containsEntry("type", "urn:ietf:params:acme:error:rejectedIdentifier");
  }

  @Test
  void theChainThatClientsCanFollowIsChosenAmongAlternatives() {
    Optional<TrustBundle> second = trusted(ca, 2);

    IssuedCertificate issued =
        AcmeFixture.ISSUERS
            .open(account, POLICY, second)
            .issueServer(request("alternate.example.com"), here(KeyType.ECDSA_P256.generate()));

    assertThat(second.orElseThrow().anchors(issued.chain())).isTrue();
    assertThat(TrustBundle.parse(ca.root(0)).anchors(issued.chain())).isFalse();
  }

  @Test
  void aCaWhoseRootsAreNotKnownIsTakenAsItIs() {
    IssuedCertificate issued =
        AcmeFixture.ISSUERS
            .open(account, POLICY, Optional.empty())
            .issueServer(request("public.example.com"), here(KeyType.ECDSA_P256.generate()));

    assertThat(CertificateDescription.of(issued.leaf()).names())
        .containsExactly("public.example.com");
  }

  @Test
  void aValidityThatTheCaShortensIsToldAndOneBeyondThePolicyRefused() {
    ServerCertificateRequest fiveYears =
        new ServerCertificateRequest(
            List.of("long.example.com"), Duration.ofDays(1829), KeyType.ECDSA_P256);

    IssuedCertificate issued =
        open(account, ca).issueServer(fiveYears, here(KeyType.ECDSA_P256.generate()));
    PgsealException problem =
        refused(
            () ->
                AcmeFixture.ISSUERS
                    .open(
                        account,
                        new AuthorityPolicy(Duration.ofDays(90), Set.of(), List.of()),
                        Optional.empty())
                    .issueServer(request("long.example.com"), here(KeyType.ECDSA_P256.generate())));

    assertThat(issued.warnings())
        .extracting(Finding::code)
        .containsExactly(Finding.Code.VALID_SHORTER);
    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(problem.detail()).contains("longer than the authority's policy allows");
  }

  static RequestKey here(KeyMaterial key) {
    return new RequestKey.Here(key);
  }

  /** As a server makes it with openssl. */
  static RequestKey elsewhere(KeyMaterial key, String... names) {
    byte[] der = here(key).requestFor(SubjectAltNames.of(List.of(names), false));
    String pem =
        "-----BEGIN CERTIFICATE REQUEST-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END CERTIFICATE REQUEST-----\n";
    return new RequestKey.Elsewhere(SigningRequest.parse(pem));
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> issuerProblem(PgsealException problem) {
    return (Map<String, Object>) problem.members().get("issuerProblem");
  }
}
