package dev.pgseal.certificate;

import static dev.pgseal.certificate.Fixtures.AUTHORITY;
import static dev.pgseal.certificate.Fixtures.CLOCK;
import static dev.pgseal.certificate.Fixtures.EC_KEY;
import static dev.pgseal.certificate.Fixtures.RSA_KEY;
import static dev.pgseal.certificate.Fixtures.YEAR;
import static dev.pgseal.certificate.Fixtures.pem;
import static dev.pgseal.certificate.Fixtures.refusal;
import static dev.pgseal.certificate.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.problem.ProblemType;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.junit.jupiter.api.Test;

class AuthorityTest {

  private static final String BASIC_CONSTRAINTS = Extension.basicConstraints.getId();
  private static final String KEY_USAGE = Extension.keyUsage.getId();
  private static final String SAN = Extension.subjectAlternativeName.getId();

  @Test
  void aRootHasTheProfileOfAnAuthority() throws Exception {
    Instant now = Instant.parse("2030-05-01T12:00:00.7Z");
    AuthorityProfile profile =
        AuthorityProfile.of("Example CA", KeyType.ECDSA_P384, Duration.ofDays(30))
            .withOrganization("Example")
            .withPathLength(1);

    X509Certificate root =
        Authority.create(profile, Clock.fixed(now, ZoneOffset.UTC)).certificate();

    assertThat(root.getVersion()).isEqualTo(3);
    assertThat(root.getSubjectX500Principal().getName()).isEqualTo("CN=Example CA,O=Example");
    assertThat(root.getIssuerX500Principal()).isEqualTo(root.getSubjectX500Principal());
    assertThat(root.getSigAlgName()).isEqualTo("SHA384withECDSA");
    assertThat(root.getBasicConstraints()).isEqualTo(1);
    assertThat(root.getKeyUsage())
        .containsExactly(false, false, false, false, false, true, true, false, false);
    assertThat(root.getCriticalExtensionOIDs()).containsOnly(BASIC_CONSTRAINTS, KEY_USAGE);
    assertThat(root.getNotBefore().toInstant()).isEqualTo("2030-05-01T11:55:00Z");
    assertThat(root.getNotAfter().toInstant()).isEqualTo("2030-05-31T12:00:00Z");
    assertThat(keyIdentifier(root)).isEqualTo(authorityKeyIdentifier(root));
  }

  @Test
  void aServerCertificateHasTheProfileOfRfc5280() throws Exception {
    X509Certificate leaf =
        AUTHORITY
            .issueServer(request("DB.example.com", "10.1.2.3", "::1"), EC_KEY.publicKey(), CLOCK)
            .leaf();

    assertThat(leaf.getSubjectX500Principal().getName()).isEqualTo("CN=db.example.com");
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getKeyUsage())
        .containsExactly(true, false, false, false, false, false, false, false, false);
    assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(leaf.getCriticalExtensionOIDs()).containsOnly(BASIC_CONSTRAINTS, KEY_USAGE);
    assertThat(leaf.getSubjectAlternativeNames())
        .containsExactlyInAnyOrder(
            List.of(2, "db.example.com"),
            List.of(2, "10.1.2.3"),
            List.of(7, "10.1.2.3"),
            List.of(7, "0:0:0:0:0:0:0:1"));
    assertThat(keyIdentifier(leaf)).isNotEqualTo(authorityKeyIdentifier(leaf));
    assertThat(authorityKeyIdentifier(leaf)).isEqualTo(keyIdentifier(AUTHORITY.certificate()));
  }

  @Test
  void anRsaServerKeyMayEncipherKeysToo() {
    X509Certificate leaf = AUTHORITY.issueServer(request("db"), RSA_KEY.publicKey(), CLOCK).leaf();

    assertThat(leaf.getKeyUsage())
        .containsExactly(true, false, true, false, false, false, false, false, false);
  }

  @Test
  void theNamesAreCriticalWhenNoNameFitsTheSubject() {
    String label = "a".repeat(40);

    X509Certificate leaf =
        AUTHORITY
            .issueServer(request(label + "." + label, "10.0.0.1"), EC_KEY.publicKey(), CLOCK)
            .leaf();

    assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
    assertThat(leaf.getCriticalExtensionOIDs()).contains(SAN);
  }

  @Test
  void serialNumbersAreRandomPositiveAndOf128Bits() {
    Set<String> serials = new HashSet<>();
    int longest = 0;
    for (int i = 0; i < 64; i++) {
      X509Certificate leaf = AUTHORITY.issueServer(request("db"), EC_KEY.publicKey(), CLOCK).leaf();
      assertThat(leaf.getSerialNumber().signum()).isEqualTo(1);
      longest = Math.max(longest, leaf.getSerialNumber().bitLength());
      serials.add(leaf.getSerialNumber().toString());
    }

    assertThat(serials).hasSize(64);
    assertThat(longest).isBetween(121, 128);
  }

  @Test
  void aLeafNeverOutlivesItsAuthority() {
    Authority shortLived =
        Authority.create(
            AuthorityProfile.of("Short", KeyType.ECDSA_P256, Duration.ofHours(1)), CLOCK);

    IssuedCertificate issued = shortLived.issueServer(request("db"), EC_KEY.publicKey(), CLOCK);

    assertThat(issued.leaf().getNotAfter()).isEqualTo(shortLived.certificate().getNotAfter());
    assertThat(issued.warnings())
        .extracting(Finding::code)
        .containsExactly(Finding.Code.VALID_SHORTER);
  }

  @Test
  void anExpiredAuthorityIssuesNothing() {
    Clock later = Clock.offset(CLOCK, Duration.ofDays(3651));

    refusal(
        ProblemType.ILLEGAL_STATE,
        () -> AUTHORITY.issueServer(request("db"), EC_KEY.publicKey(), later));
  }

  @Test
  void theChainOfAnIntermediateLeavesOutTheRoot() {
    Authority intermediate =
        AUTHORITY.createIntermediate(AuthorityProfile.of("Issuing CA").withPathLength(0), CLOCK);

    IssuedCertificate issued =
        intermediate.issueServer(request("db.example.com"), EC_KEY.publicKey(), CLOCK);

    assertThat(issued.chain()).containsExactly(issued.leaf(), intermediate.certificate());
    assertThat(intermediate.bundle()).isEqualTo(Pem.encode(AUTHORITY.certificate()));
    assertThat(AUTHORITY.issueServer(request("db"), EC_KEY.publicKey(), CLOCK).chain()).hasSize(1);
  }

  @Test
  void aPathLengthLeavesRoomOrIsRefused() {
    Authority oneBelow =
        Authority.create(AuthorityProfile.of("One below").withPathLength(1), CLOCK);
    Authority noneBelow =
        oneBelow.createIntermediate(AuthorityProfile.of("None below").withPathLength(0), CLOCK);

    refusal(
        ProblemType.POLICY_VIOLATION,
        () -> oneBelow.createIntermediate(AuthorityProfile.of("Unlimited"), CLOCK));
    refusal(
        ProblemType.POLICY_VIOLATION,
        () -> noneBelow.createIntermediate(AuthorityProfile.of("Third").withPathLength(0), CLOCK));
  }

  @Test
  void anEd25519AuthorityNeedsAnExplicitAcceptance() {
    assertThat(
            refusal(
                    ProblemType.CERTIFICATE_INVALID,
                    () -> AuthorityProfile.of("Ed", KeyType.ED25519, YEAR))
                .detail())
        .contains("channel binding");

    AuthorityProfile accepted =
        new AuthorityProfile(
            "Ed",
            null,
            KeyType.ED25519,
            YEAR,
            null,
            AuthorityPolicy.DEFAULT,
            Set.of(Acceptance.SIGNATURE_WITHOUT_CHANNEL_BINDING));
    assertThat(Authority.create(accepted, CLOCK).certificate().getSigAlgName())
        .isIn("Ed25519", "EdDSA");
  }

  @Test
  void anEd25519ServerKeyIsFineUnderAnEcdsaAuthority() {
    X509Certificate leaf =
        AUTHORITY.issueServer(request("db"), Fixtures.ED25519_KEY.publicKey(), CLOCK).leaf();

    assertThat(SignatureKind.of(leaf)).isEqualTo(SignatureKind.BINDABLE);
    assertThat(CertificateDescription.of(leaf).keyType()).isEqualTo("Ed25519");
  }

  @Test
  void aWeakServerKeyIsRefused() {
    assertThat(
            refusal(
                    ProblemType.CERTIFICATE_INVALID,
                    () ->
                        AUTHORITY.issueServer(request("db"), Fixtures.rsa(1024).getPublic(), CLOCK))
                .detail())
        .contains("at least 2048 bits");
  }

  @Test
  void anAuthorityIsLoadedAgainFromWhatItWasStoredAs() {
    Authority intermediate = AUTHORITY.createIntermediate(AuthorityProfile.of("Issuing CA"), CLOCK);

    Authority loaded =
        Authority.of(
            Pem.encode(intermediate.chain()),
            pem(intermediate.key()),
            null,
            AuthorityPolicy.DEFAULT,
            Set.of(),
            CLOCK);

    assertThat(loaded.chain()).isEqualTo(intermediate.chain());
    assertThat(loaded.issueServer(request("db"), EC_KEY.publicKey(), CLOCK).chain()).hasSize(2);
  }

  @Test
  void anAuthorityThatCannotIssueIsNotLoaded() {
    Authority intermediate = AUTHORITY.createIntermediate(AuthorityProfile.of("Issuing CA"), CLOCK);
    IssuedCertificate leaf = AUTHORITY.issueServer(request("db"), EC_KEY.publicKey(), CLOCK);

    assertThat(loadingFails(AUTHORITY.bundle(), EC_KEY, CLOCK)).contains("private key is not that");
    assertThat(loadingFails(leaf.chainPem(), EC_KEY, CLOCK)).contains("basicConstraints lack CA");
    assertThat(loadingFails(Pem.encode(intermediate.certificate()), intermediate.key(), CLOCK))
        .contains("ends below its root");
    assertThat(
            loadingFails(
                AUTHORITY.bundle() + Pem.encode(intermediate.certificate()),
                AUTHORITY.key(),
                CLOCK))
        .contains("was not issued by certificate 2");
    assertThat(
            loadingFails(
                AUTHORITY.bundle(), AUTHORITY.key(), Clock.offset(CLOCK, Duration.ofDays(9999))))
        .contains("expired");
  }

  @Test
  void aPolicyRefusesNamesKeysAndValiditiesOutsideIt() {
    AuthorityPolicy policy =
        new AuthorityPolicy(
            Duration.ofDays(90), Set.of(KeyType.ECDSA_P256), List.of("example.com", "10.0.0.0/8"));
    Authority strict = Authority.create(AuthorityProfile.of("Strict").withPolicy(policy), CLOCK);
    Duration month = Duration.ofDays(30);

    for (String outside :
        List.of("example.org", "badexample.com", "11.0.0.1", "::1", "*.com.org")) {
      refusal(
          ProblemType.POLICY_VIOLATION,
          () ->
              strict.issueServer(
                  new ServerCertificateRequest(List.of(outside), month, KeyType.DEFAULT),
                  EC_KEY.publicKey(),
                  CLOCK));
    }
    ServerCertificateRequest inside =
        new ServerCertificateRequest(
            List.of("example.com", "*.db.example.com", "10.255.0.1"), month, KeyType.DEFAULT);
    refusal(
        ProblemType.POLICY_VIOLATION, () -> strict.issueServer(inside, RSA_KEY.publicKey(), CLOCK));
    refusal(
        ProblemType.POLICY_VIOLATION,
        () -> strict.issueServer(request("db.example.com"), EC_KEY.publicKey(), CLOCK));
    IssuedCertificate issued = strict.issueServer(inside, EC_KEY.publicKey(), CLOCK);
    assertThat(SubjectAltNames.of(issued.leaf()).dnsNames())
        .containsExactly("example.com", "*.db.example.com");
    assertThat(issued.describe().names())
        .containsExactly("example.com", "*.db.example.com", "10.255.0.1");
    assertThat(issued.warnings())
        .extracting(Finding::code)
        .containsExactly(Finding.Code.NAME_MISMATCH_OLD_CLIENTS);
  }

  @Test
  void aProfileWithAnUnusableNameOrTimeIsRefused() {
    for (String name : List.of("", " ", "a".repeat(65), "line\nbreak", "bidi\u202Eoverride")) {
      refusal(ProblemType.VALIDATION_FAILED, () -> AuthorityProfile.of(name));
    }
    for (Duration validity :
        List.of(Duration.ZERO, Duration.ofDays(-1), Duration.ofSeconds(Long.MAX_VALUE))) {
      refusal(
          ProblemType.VALIDATION_FAILED,
          () -> AuthorityProfile.of("CA", KeyType.DEFAULT, validity));
    }
  }

  private static String loadingFails(String chain, KeyMaterial key, Clock clock) {
    return refusal(
            ProblemType.CERTIFICATE_INVALID,
            () -> Authority.of(chain, pem(key), null, AuthorityPolicy.DEFAULT, Set.of(), clock))
        .detail();
  }

  private static byte[] keyIdentifier(X509Certificate certificate) throws Exception {
    return SubjectKeyIdentifier.fromExtensions(
            new JcaX509CertificateHolder(certificate).getExtensions())
        .getKeyIdentifier();
  }

  private static byte[] authorityKeyIdentifier(X509Certificate certificate) throws Exception {
    return AuthorityKeyIdentifier.fromExtensions(
            new JcaX509CertificateHolder(certificate).getExtensions())
        .getKeyIdentifierOctets();
  }
}
