package dev.pgseal.acme;

import static dev.pgseal.acme.AcmeFixture.CLOCK;
import static dev.pgseal.acme.AcmeFixture.POLICY;
import static dev.pgseal.acme.AcmeFixture.account;
import static dev.pgseal.acme.AcmeFixture.refused;
import static dev.pgseal.acme.AcmeFixture.request;
import static dev.pgseal.acme.AcmeIssuersTest.here;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.CertificateIssuer;
import dev.pgseal.issuing.ExternalAccount;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.security.PublicKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real CA whose certificate is replaced on the way. */
class HostileCaTest {

  private static final Authority OTHER = Authority.create(AuthorityProfile.of("Another CA"), CLOCK);
  private static final String NAME = "db.example.com";

  private static Pebble ca;
  private static CaProxy proxy;
  private static ExternalAccount account;

  @BeforeAll
  static void start() {
    ca = Pebble.start();
    proxy = new CaProxy(ca);
    account = account(ca, proxy.directory(), ca.hook().webhook(), null);
  }

  @AfterAll
  static void stop() {
    if (proxy != null) {
      proxy.close();
      ca.close();
    }
  }

  @BeforeEach
  void honest() {
    proxy.lies((path, body) -> null);
  }

  @Test
  void aCertificateForAnotherKeyIsRefused() {
    answers(issued(KeyType.ECDSA_P256.generate().publicKey(), NAME).chainPem());

    assertRefused("The private key (EC P-256) is not that of the certificate");
  }

  @Test
  void aCertificateForAnotherNameIsRefused() {
    KeyMaterial key = KeyType.ECDSA_P256.generate();
    answers(issued(key.publicKey(), "other.example.com").chainPem());

    assertRefused(key, "does not name " + NAME);
  }

  @Test
  void aCertificateThatDoesNotLeadToTheRootsIsRefused() {
    KeyMaterial key = KeyType.ECDSA_P256.generate();
    answers(issued(key.publicKey(), NAME).chainPem());

    assertRefused(key, "does not lead to the roots of this authority");
  }

  @Test
  void aChainOutOfOrderIsRefused() {
    KeyMaterial key = KeyType.ECDSA_P256.generate();
    IssuedCertificate issued = issued(key.publicKey(), NAME);
    answers(issued.chainPem() + Pem.encode(Pem.certificates(ca.root(0)).get(0)) + OTHER.bundle());

    assertRefused(key, "was not issued by certificate 2");
  }

  @Test
  void theRootIsNotInstalledThoughTheCaSendsIt() {
    KeyMaterial key = KeyType.ECDSA_P256.generate();
    answers(issued(key.publicKey(), NAME).chainPem() + OTHER.bundle());

    IssuedCertificate issued =
        AcmeFixture.ISSUERS
            .open(account, POLICY, Optional.of(TrustBundle.parse(OTHER.bundle())))
            .issueServer(request(NAME), here(key));

    assertThat(issued.chain()).containsExactly(issued.leaf());
  }

  @Test
  void aNameThatWasAddedAndIsAgainstThePolicyIsRefused() {
    KeyMaterial key = KeyType.ECDSA_P256.generate();
    answers(issued(key.publicKey(), NAME, "www.example.org").chainPem());
    AuthorityPolicy policy =
        new AuthorityPolicy(POLICY.maxValidity(), Set.of(), List.of("example.com"));

    PgsealException problem =
        refused(
            () ->
                AcmeFixture.ISSUERS
                    .open(account, policy, Optional.empty())
                    .issueServer(request(NAME), here(key)));

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(problem.detail()).contains("not asked for").contains("www.example.org");
  }

  @Test
  void whatIsNoCertificateIsRefused() {
    answers("-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n");

    assertRefused("answered what is not ACME");
  }

  private static CertificateIssuer issuer() {
    return AcmeFixture.ISSUERS.open(account, POLICY, Optional.of(TrustBundle.parse(ca.root(0))));
  }

  /** Whatever certificate is downloaded is this one. */
  private static void answers(String chainPem) {
    proxy.lies(
        (path, body) ->
            body.startsWith("-----BEGIN CERTIFICATE-----")
                ? new CaProxy.Answer(200, Map.of(), chainPem)
                : null);
  }

  private static IssuedCertificate issued(PublicKey key, String... names) {
    return OTHER.issueServer(request(names), key, CLOCK);
  }

  private static void assertRefused(String detail) {
    assertRefused(KeyType.ECDSA_P256.generate(), detail);
  }

  private static void assertRefused(KeyMaterial key, String detail) {
    PgsealException problem = refused(() -> issuer().issueServer(request(NAME), here(key)));

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(problem.detail()).contains(detail);
  }
}
