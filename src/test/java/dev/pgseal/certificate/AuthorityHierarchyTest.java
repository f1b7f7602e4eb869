package dev.pgseal.certificate;

import static dev.pgseal.certificate.Fixtures.AUTHORITY;
import static dev.pgseal.certificate.Fixtures.CLOCK;
import static dev.pgseal.certificate.Fixtures.EC_KEY;
import static dev.pgseal.certificate.Fixtures.YEAR;
import static dev.pgseal.certificate.Fixtures.refusal;
import static dev.pgseal.certificate.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.ProblemType;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.CertPathValidatorException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Authorities below others: signed outside, constrained, and replaced. */
class AuthorityHierarchyTest {

  @TempDir Path directory;

  @Test
  void anAuthoritySignedOutsideIsCompletedWithItsChain() {
    PendingAuthority pending =
        PendingAuthority.create(AuthorityProfile.of("Issuing CA").withPathLength(0));
    SigningRequest csr = SigningRequest.parse(pending.csrPem());
    List<X509Certificate> signed =
        AUTHORITY.issueAuthority(pending.profile(), csr.publicKey(), CLOCK);

    Authority authority = pending.complete(Pem.encode(signed), CLOCK);

    assertThat(csr.asksForAuthority()).isTrue();
    assertThat(csr.subject()).isEqualTo("CN=Issuing CA");
    assertThat(authority.root()).isEqualTo(AUTHORITY.certificate());
    assertThat(authority.issueServer(request("db"), EC_KEY.publicKey(), CLOCK).chain()).hasSize(2);
  }

  @Test
  void whatComesBackForAnotherKeyIsRefused() {
    AuthorityProfile profile = AuthorityProfile.of("Issuing CA");
    PublicKey other = EC_KEY.publicKey();
    String foreign = Pem.encode(AUTHORITY.issueAuthority(profile, other, CLOCK));

    refusal(
        ProblemType.CERTIFICATE_INVALID,
        () -> PendingAuthority.create(profile).complete(foreign, CLOCK));
  }

  @Test
  void openSslSignsThePendingAuthorityAndItsLeavesHold() throws Exception {
    OpenSsl.assumeInstalled(directory);
    OpenSsl openSsl = new OpenSsl(directory);
    PendingAuthority pending = PendingAuthority.create(AuthorityProfile.of("Issuing CA"));
    openSsl.file("csr.pem", pending.csrPem());
    openSsl.run(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "rootkey.pem",
        "-out",
        "outside.pem",
        "-subj",
        "/O=Outside/CN=Root",
        "-days",
        "30",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign");
    openSsl.file(
        "ext.cnf",
        "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
            + "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n");
    openSsl.run(
        "x509",
        "-req",
        "-in",
        "csr.pem",
        "-CA",
        "outside.pem",
        "-CAkey",
        "rootkey.pem",
        "-days",
        "20",
        "-extfile",
        "ext.cnf",
        "-out",
        "issuing.pem");

    Authority authority =
        pending.complete(openSsl.read("issuing.pem") + openSsl.read("outside.pem"), CLOCK);
    IssuedCertificate issued =
        authority.issueServer(
            new ServerCertificateRequest(List.of("db"), Duration.ofDays(9), KeyType.DEFAULT),
            EC_KEY.publicKey(),
            CLOCK);

    assertThat(openSsl.verifyServer(authority.bundle(), issued.chainPem())).contains("OK");
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, db.example.com, true",
    "example.com, '*.example.com', true",
    "example.com, 192.0.2.1, false",
    "192.0.2.0/24, 192.0.2.1, true",
    "192.0.2.0/24, 192.0.3.1, false",
    "192.0.2.0/24, db.example.com, false",
    "2001:db8::/32, 2001:db8::7, true",
    "2001:db8::/32, 2001:db9::7, false",
    "2001:db8::/32, 192.0.2.1, false",
    "0.0.0.0/0, 203.0.113.9, true",
    "2001:db8::/32, 32.1.13.1, false",
  })
  void constrainedNamesAreHeldByPolicyByOpenSslAndByJava(
      String permitted, String endpoint, boolean allowed) throws Exception {
    Authority constrained = constrained(permitted);
    Authority below = constrained.createIntermediate(AuthorityProfile.of("Below CA"), CLOCK);
    // the same key and certificate, but without the policy: what do others make of such a leaf?
    Authority careless =
        new Authority(constrained.chain(), constrained.key(), AuthorityPolicy.DEFAULT);
    X509Certificate leaf =
        ServerProfile.sign(
            careless.signingKey(),
            DistinguishedName.EMPTY,
            SubjectAltNames.of(List.of(endpoint), false),
            EC_KEY.publicKey(),
            Validity.startingNow(CLOCK, YEAR));
    String chain = Pem.encode(List.of(leaf, constrained.certificate()));

    if (allowed) {
      assertThat(constrained.issueServer(request(endpoint), EC_KEY.publicKey(), CLOCK).leaf())
          .isNotNull();
      IssuedCertificate issued = below.issueServer(request(endpoint), EC_KEY.publicKey(), CLOCK);
      IssuedCertificateAcceptanceTest.validatedByJava(issued.chain(), constrained.root());
      IssuedCertificateAcceptanceTest.validatedByJava(Pem.certificates(chain), constrained.root());
      OpenSsl.assumeInstalled(directory);
      assertThat(new OpenSsl(directory).verifyServer(constrained.bundle(), issued.chainPem()))
          .contains("OK");
    } else {
      for (Authority authority : List.of(constrained, careless, below)) {
        refusal(
            ProblemType.POLICY_VIOLATION,
            () -> authority.issueServer(request(endpoint), EC_KEY.publicKey(), CLOCK));
      }
      assertThatThrownBy(
              () ->
                  IssuedCertificateAcceptanceTest.validatedByJava(
                      Pem.certificates(chain), constrained.root()))
          .isInstanceOf(CertPathValidatorException.class);
      OpenSsl.assumeInstalled(directory);
      assertThatThrownBy(() -> new OpenSsl(directory).verifyServer(constrained.bundle(), chain))
          .hasMessageContaining("subtree violation");
    }
  }

  @Test
  void aDottedRoleIsRefusedWhereOpenSslWouldTakeItForAHost() throws Exception {
    Authority constrained = constrained("example.com");
    ClientCertificateRequest dotted =
        new ClientCertificateRequest("first.last", Duration.ofDays(9), KeyType.DEFAULT);
    ClientCertificateRequest plain =
        new ClientCertificateRequest("alice", Duration.ofDays(9), KeyType.DEFAULT);

    refusal(
        ProblemType.POLICY_VIOLATION,
        () -> constrained.issueClient(dotted, EC_KEY.publicKey(), CLOCK));
    assertThat(AUTHORITY.issueClient(dotted, EC_KEY.publicKey(), CLOCK).leaf()).isNotNull();
    OpenSsl.assumeInstalled(directory);
    X509Certificate sneaked =
        ClientProfile.sign(
            constrained.signingKey(),
            "first.last",
            EC_KEY.publicKey(),
            Validity.startingNow(CLOCK, YEAR));
    IssuedCertificate alice = constrained.issueClient(plain, EC_KEY.publicKey(), CLOCK);
    String sneakedChain = Pem.encode(List.of(sneaked, constrained.certificate()));
    assertThat(verifyClient(constrained, alice.chainPem())).contains("OK");
    assertThatThrownBy(() -> verifyClient(constrained, sneakedChain))
        .hasMessageContaining("subtree violation");
  }

  @Test
  void anAuthorityNamedLikeAHostIsRefusedWhereJavaWouldTakeItForOne() throws Exception {
    Authority constrained = constrained("example.com");
    AuthorityProfile likeAHost = AuthorityProfile.of("Below");
    KeyMaterial key = KeyType.ECDSA_P256.generate();
    X509Certificate sneaked =
        AuthorityCertificates.sign(
            constrained.signingKey(),
            likeAHost,
            key.publicKey(),
            Validity.startingNow(CLOCK, YEAR));
    Authority below =
        new Authority(
            List.of(sneaked, constrained.certificate(), constrained.root()),
            key,
            AuthorityPolicy.DEFAULT);
    IssuedCertificate issued =
        below.issueServer(request("db.example.com"), EC_KEY.publicKey(), CLOCK);

    refusal(ProblemType.POLICY_VIOLATION, () -> constrained.createIntermediate(likeAHost, CLOCK));
    assertThatThrownBy(
            () ->
                IssuedCertificateAcceptanceTest.validatedByJava(issued.chain(), constrained.root()))
        .isInstanceOf(CertPathValidatorException.class);
  }

  @Test
  void aBundleHoldsOldAndNewUntilNothingNeedsTheOld() {
    Authority old = AUTHORITY.createIntermediate(AuthorityProfile.of("Old issuing"), CLOCK);
    Authority fresh = Authority.create(AuthorityProfile.of("New CA"), CLOCK);
    List<X509Certificate> served =
        old.issueServer(request("db"), EC_KEY.publicKey(), CLOCK).chain();
    List<X509Certificate> reissued =
        fresh.issueServer(request("db"), EC_KEY.publicKey(), CLOCK).chain();

    TrustBundle both = TrustBundle.of(old, AUTHORITY).with(fresh.root());
    TrustBundle fewer = both.without(AUTHORITY.root());

    assertThat(both.roots()).containsExactly(AUTHORITY.root(), fresh.root());
    assertThat(both.anchors(served)).isTrue();
    assertThat(both.anchors(reissued)).isTrue();
    assertThat(fewer.anchors(served)).isFalse();
    assertThat(fewer.anchors(reissued)).isTrue();
    assertThat(TrustBundle.parse(both.pem())).isEqualTo(both);
  }

  private String verifyClient(Authority authority, String chain) throws Exception {
    OpenSsl openSsl = new OpenSsl(directory);
    openSsl.file("ca.pem", authority.bundle());
    openSsl.file("chain.pem", chain);
    return openSsl.run(
        "verify",
        "-x509_strict",
        "-purpose",
        "sslclient",
        "-CAfile",
        "ca.pem",
        "-untrusted",
        "chain.pem",
        "chain.pem");
  }

  private static Authority constrained(String permitted) {
    AuthorityPolicy policy = new AuthorityPolicy(YEAR, Set.of(), List.of(permitted));
    return AUTHORITY.createIntermediate(
        AuthorityProfile.of("Constrained").withPolicy(policy), CLOCK);
  }
}
