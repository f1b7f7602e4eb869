package dev.pgseal.certificate;

import static dev.pgseal.certificate.Fixtures.AUTHORITY;
import static dev.pgseal.certificate.Fixtures.CLOCK;
import static dev.pgseal.certificate.Fixtures.EC_KEY;
import static dev.pgseal.certificate.Fixtures.RSA_KEY;
import static dev.pgseal.certificate.Fixtures.pem;
import static dev.pgseal.certificate.Fixtures.refusal;
import static dev.pgseal.certificate.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

class ProvidedCertificateTest {

  private static final Authority ISSUING =
      AUTHORITY.createIntermediate(AuthorityProfile.of("Issuing CA"), CLOCK);
  private static final IssuedCertificate GOOD =
      ISSUING.issueServer(request("db.example.com", "192.0.2.1"), EC_KEY.publicKey(), CLOCK);
  private static final List<String> ENDPOINTS = List.of("db.example.com", "192.0.2.1");

  @Test
  void aGoodCertificateIsNormalised() {
    String messy =
        "\uFEFFsubject=x\r\n" + (GOOD.chainPem() + AUTHORITY.bundle()).replace("\n", "\r\n");

    ProvidedCertificate checked =
        ProvidedCertificate.check(messy, pem(EC_KEY), null, ENDPOINTS, Set.of(), CLOCK);

    assertThat(checked.chainPem()).isEqualTo(GOOD.chainPem() + AUTHORITY.bundle());
    assertThat(checked.warnings()).isEmpty();
    assertThat(checked.key().matches(checked.leaf())).isTrue();
    assertThat(checked.describe().names()).containsExactlyElementsOf(ENDPOINTS);
    assertThat(checked.toString()).doesNotContain("BEGIN");
  }

  @Test
  void aKeyThatDoesNotMatchIsRefused() {
    assertThat(codes(GOOD.chainPem(), RSA_KEY, ENDPOINTS, CLOCK))
        .containsExactly(Finding.Code.KEY_MISMATCH);
  }

  @Test
  void theAuthorityInFrontOfTheLeafIsNamedWithItsPosition() {
    String reversed = Pem.encode(List.of(ISSUING.certificate(), GOOD.leaf()));

    PgsealException refusal = refused(reversed, EC_KEY, ENDPOINTS, CLOCK);

    assertThat(refusal.detail()).contains("belongs to certificate 2");
    assertThat(codes(reversed, EC_KEY, ENDPOINTS, CLOCK))
        .contains(Finding.Code.KEY_MISMATCH, Finding.Code.CHAIN_ORDER, Finding.Code.IS_AUTHORITY);
  }

  @Test
  void aChainInTheWrongOrderIsNamedWithItsPositions() {
    String shuffled =
        Pem.encode(List.of(GOOD.leaf(), AUTHORITY.certificate(), ISSUING.certificate()));

    assertThat(refused(shuffled, EC_KEY, ENDPOINTS, CLOCK).detail())
        .contains("Certificate 1")
        .contains("not issued by certificate 2")
        .contains("but by certificate 3");
  }

  @Test
  void anIssuerOfTheSameNameButAnotherKeyIsNotTheIssuer() {
    Authority impostor = AUTHORITY.createIntermediate(AuthorityProfile.of("Issuing CA"), CLOCK);
    String chain = Pem.encode(List.of(GOOD.leaf(), impostor.certificate()));

    assertThat(codes(chain, EC_KEY, ENDPOINTS, CLOCK)).containsExactly(Finding.Code.CHAIN_ORDER);
  }

  @Test
  void datesAreChecked() {
    assertThat(codes(GOOD.chainPem(), EC_KEY, ENDPOINTS, Clock.offset(CLOCK, Duration.ofDays(366))))
        .containsExactly(Finding.Code.NOT_YET_VALID_OR_EXPIRED);
    assertThat(codes(GOOD.chainPem(), EC_KEY, ENDPOINTS, Clock.offset(CLOCK, Duration.ofDays(-1))))
        .contains(Finding.Code.NOT_YET_VALID_OR_EXPIRED);
    ProvidedCertificate soon =
        ProvidedCertificate.check(
            GOOD.chainPem(),
            pem(EC_KEY),
            null,
            ENDPOINTS,
            Set.of(),
            Clock.offset(CLOCK, Duration.ofDays(360)));
    assertThat(soon.warnings())
        .extracting(Finding::code)
        .containsExactly(Finding.Code.EXPIRES_SOON);
  }

  @Test
  void namesThatDoNotCoverTheEndpointsAreRefusedUnlessAccepted() {
    List<String> more = List.of("db.example.com", "other.example.com");

    assertThat(refused(GOOD.chainPem(), EC_KEY, more, CLOCK).detail())
        .contains("does not name other.example.com")
        .contains("db.example.com");
    assertThat(
            ProvidedCertificate.check(
                    GOOD.chainPem(),
                    pem(EC_KEY),
                    null,
                    more,
                    Set.of(Acceptance.NAME_MISMATCH),
                    CLOCK)
                .warnings())
        .extracting(Finding::code)
        .containsExactly(Finding.Code.NAME_MISMATCH);
  }

  @Test
  void anAddressThatOldLibpqCannotFindIsAWarning() {
    ServerCertificateRequest modern =
        new ServerCertificateRequest(
            List.of("192.0.2.1"), Duration.ofDays(90), KeyType.DEFAULT, false, Set.of());
    IssuedCertificate issued = ISSUING.issueServer(modern, EC_KEY.publicKey(), CLOCK);

    assertThat(
            ProvidedCertificate.check(
                    issued.chainPem(), pem(EC_KEY), null, List.of("192.0.2.1"), Set.of(), CLOCK)
                .warnings())
        .extracting(Finding::code)
        .containsExactly(Finding.Code.NAME_MISMATCH_OLD_CLIENTS);
  }

  @Test
  void signaturesWithoutChannelBindingAreRefusedUnlessAccepted() throws Exception {
    KeyPair rsa = new KeyPair(RSA_KEY.publicKey(), RSA_KEY.privateKey());
    KeyPair ed = new KeyPair(Fixtures.ED25519_KEY.publicKey(), Fixtures.ED25519_KEY.privateKey());
    String pss = Pem.encode(foreign(rsa, "SHA256withRSAandMGF1", KeyPurposeId.id_kp_serverAuth));
    String ed25519 = Pem.encode(foreign(ed, "Ed25519", KeyPurposeId.id_kp_serverAuth));
    List<String> names = List.of("db.example.com");

    assertThat(codes(pss, RSA_KEY, names, CLOCK))
        .containsExactly(Finding.Code.SIGNATURE_WITHOUT_CHANNEL_BINDING);
    assertThat(codes(ed25519, Fixtures.ED25519_KEY, names, CLOCK))
        .containsExactly(Finding.Code.SIGNATURE_WITHOUT_CHANNEL_BINDING);
    assertThat(
            ProvidedCertificate.check(
                    pss,
                    pem(RSA_KEY),
                    null,
                    names,
                    Set.of(Acceptance.SIGNATURE_WITHOUT_CHANNEL_BINDING),
                    CLOCK)
                .warnings())
        .hasSize(1);
  }

  @Test
  void weakSignaturesKeysAndForeignPurposesAreRefused() throws Exception {
    KeyPair rsa = new KeyPair(RSA_KEY.publicKey(), RSA_KEY.privateKey());
    List<String> names = List.of("db.example.com");
    String sha1 = Pem.encode(foreign(rsa, "SHA1withRSA", KeyPurposeId.id_kp_serverAuth));
    String md5 = Pem.encode(foreign(rsa, "MD5withRSA", KeyPurposeId.id_kp_serverAuth));
    String client = Pem.encode(foreign(rsa, "SHA256withRSA", KeyPurposeId.id_kp_clientAuth));
    String any = Pem.encode(foreign(rsa, "SHA256withRSA", KeyPurposeId.anyExtendedKeyUsage));

    assertThat(codes(sha1, RSA_KEY, names, CLOCK)).containsExactly(Finding.Code.WEAK_SIGNATURE);
    assertThat(codes(md5, RSA_KEY, names, CLOCK)).containsExactly(Finding.Code.WEAK_SIGNATURE);
    assertThat(codes(client, RSA_KEY, names, CLOCK)).containsExactly(Finding.Code.WRONG_USAGE);
    assertThat(
            ProvidedCertificate.check(any, pem(RSA_KEY), null, names, Set.of(), CLOCK).warnings())
        .isEmpty();
    assertThat(
            codes(
                Pem.encode(
                    foreign(Fixtures.rsa(1024), "SHA256withRSA", KeyPurposeId.id_kp_serverAuth)),
                EC_KEY,
                names,
                CLOCK))
        .contains(Finding.Code.WEAK_KEY);
  }

  @Test
  void anAuthorityIsNoServerCertificate() {
    assertThat(codes(AUTHORITY.bundle(), AUTHORITY.key(), List.of(), CLOCK))
        .contains(Finding.Code.IS_AUTHORITY, Finding.Code.WRONG_USAGE);
  }

  @Test
  void aNameInTheCommonNameAloneIsNotEnough() throws Exception {
    X509v3CertificateBuilder builder =
        builder(new KeyPair(RSA_KEY.publicKey(), RSA_KEY.privateKey()));
    X509Certificate named = sign(builder, RSA_KEY, "SHA256withRSA");

    assertThat(codes(Pem.encode(named), RSA_KEY, List.of("db.example.com"), CLOCK))
        .containsExactly(Finding.Code.NAME_MISMATCH);
  }

  private static PgsealException refused(
      String chain, KeyMaterial key, List<String> endpoints, Clock clock) {
    return refusal(
        ProblemType.CERTIFICATE_INVALID,
        () -> ProvidedCertificate.check(chain, pem(key), null, endpoints, Set.of(), clock));
  }

  private static List<Finding.Code> codes(
      String chain, KeyMaterial key, List<String> endpoints, Clock clock) {
    List<?> findings = (List<?>) refused(chain, key, endpoints, clock).members().get("findings");
    return findings.stream().map(Finding.class::cast).map(Finding::code).toList();
  }

  private static X509Certificate foreign(KeyPair pair, String algorithm, KeyPurposeId purpose)
      throws Exception {
    X509v3CertificateBuilder builder = builder(pair);
    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(new GeneralName(GeneralName.dNSName, "db.example.com")));
    return sign(builder, new KeyMaterial(pair.getPrivate(), pair.getPublic()), algorithm);
  }

  private static X509v3CertificateBuilder builder(KeyPair pair) {
    X500Name name = new X500Name("CN=db.example.com");
    return new JcaX509v3CertificateBuilder(
        name,
        BigInteger.TEN,
        Date.from(CLOCK.instant().minusSeconds(60)),
        Date.from(CLOCK.instant().plus(Duration.ofDays(90))),
        name,
        pair.getPublic());
  }

  private static X509Certificate sign(
      X509v3CertificateBuilder builder, KeyMaterial key, String algorithm) throws Exception {
    byte[] der =
        builder
            .build(
                new JcaContentSignerBuilder(algorithm)
                    .setProvider(BouncyCastle.PROVIDER)
                    .build(key.privateKey()))
            .getEncoded();
    return Pem.certificate(der, "test");
  }
}
