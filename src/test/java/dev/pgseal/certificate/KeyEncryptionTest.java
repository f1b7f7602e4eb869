package dev.pgseal.certificate;

import static dev.pgseal.certificate.Fixtures.AUTHORITY;
import static dev.pgseal.certificate.Fixtures.CLOCK;
import static dev.pgseal.certificate.Fixtures.EC_KEY;
import static dev.pgseal.certificate.Fixtures.pem;
import static dev.pgseal.certificate.Fixtures.refusal;
import static dev.pgseal.certificate.Fixtures.request;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.problem.ProblemType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.ContentInfo;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.PKCS12PBEParams;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.SafeBag;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.pkcs.PKCS12PfxPduBuilder;
import org.bouncycastle.pkcs.PKCS12SafeBag;
import org.bouncycastle.pkcs.PKCS12SafeBagBuilder;
import org.bouncycastle.pkcs.PKCS12SafeBagFactory;
import org.bouncycastle.pkcs.jcajce.JcaPKCS12SafeBagBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCS12MacCalculatorBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEOutputEncryptorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyEncryptionTest {

  private static final char[] PASSPHRASE = "correct horse".toCharArray();
  private static final IssuedCertificate ISSUED =
      AUTHORITY
          .createIntermediate(AuthorityProfile.of("Issuing CA"), CLOCK)
          .issueServer(request("db"), EC_KEY.publicKey(), CLOCK);

  @TempDir Path directory;

  @Test
  void anEncryptedKeyComesBackWithItsPassphraseOnly() {
    String encrypted = new String(EC_KEY.encryptedPkcs8Pem(PASSPHRASE), US_ASCII);

    assertThat(encrypted).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
    assertThat(pem(Pem.privateKey(encrypted, PASSPHRASE))).isEqualTo(pem(EC_KEY));
    refusal(
        ProblemType.CERTIFICATE_INVALID,
        () -> Pem.privateKey(encrypted, "wrong horse".toCharArray()));
  }

  @Test
  void aPkcs12FileComesBackWithItsChainInOrder() {
    byte[] file = EC_KEY.pkcs12(ISSUED.chain(), "user", PASSPHRASE);

    Pkcs12 read = Pkcs12.decode(file, PASSPHRASE);

    assertThat(read.chain()).isEqualTo(ISSUED.chain());
    assertThat(pem(read.key())).isEqualTo(pem(EC_KEY));
    assertThat(
            refusal(
                    ProblemType.CERTIFICATE_INVALID,
                    () -> Pkcs12.decode(file, "wrong horse".toCharArray()))
                .detail())
        .contains("passphrase");
  }

  @Test
  void shortPassphrasesAreRefused() {
    char[] tooShort = "1234567".toCharArray();

    refusal(ProblemType.VALIDATION_FAILED, () -> EC_KEY.encryptedPkcs8Pem(tooShort));
    refusal(ProblemType.VALIDATION_FAILED, () -> EC_KEY.pkcs12(ISSUED.chain(), "user", tooShort));
  }

  @Test
  void aPkcs12FileThatAsksForEndlessWorkIsRefused() throws Exception {
    // each part stays below the limit, both together do not
    EncryptedPrivateKeyInfo greedy =
        new EncryptedPrivateKeyInfo(
            new AlgorithmIdentifier(
                PKCSObjectIdentifiers.pbeWithSHAAnd3_KeyTripleDES_CBC,
                new PKCS12PBEParams(new byte[8], 2_950_000)),
            new byte[64]);
    PKCS12PfxPduBuilder builder =
        new PKCS12PfxPduBuilder()
            .addData(shrouded(EC_KEY, 100_000, PASSPHRASE))
            .addData(greedyBag(greedy));
    byte[] file =
        builder
            .build(
                new JcePKCS12MacCalculatorBuilder()
                    .setProvider(BouncyCastle.PROVIDER)
                    .setIterationCount(10),
                PASSPHRASE)
            .getEncoded();

    assertThat(
            refusal(ProblemType.CERTIFICATE_INVALID, () -> Pkcs12.decode(file, PASSPHRASE))
                .detail())
        .contains("too much work");
  }

  @Test
  void openSslReadsWhatIsExportedAndItsExportIsRead() throws Exception {
    OpenSsl.assumeInstalled(directory);
    OpenSsl openSsl = new OpenSsl(directory);
    openSsl.file("key.pem", EC_KEY.encryptedPkcs8Pem(PASSPHRASE));
    openSsl.file("ours.p12", EC_KEY.pkcs12(ISSUED.chain(), "user", PASSPHRASE));
    openSsl.file("chain.pem", ISSUED.chainPem());
    openSsl.file("plain.pem", EC_KEY.pkcs8Pem());
    String pass = "pass:correct horse";

    assertThat(openSsl.run("pkey", "-in", "key.pem", "-passin", pass))
        .contains("BEGIN PRIVATE KEY");
    assertThat(openSsl.run("pkcs12", "-in", "ours.p12", "-nodes", "-passin", pass))
        .contains("BEGIN PRIVATE KEY", "BEGIN CERTIFICATE");
    openSsl.run(
        "pkcs12",
        "-export",
        "-inkey",
        "plain.pem",
        "-in",
        "chain.pem",
        "-out",
        "theirs.p12",
        "-passout",
        pass);
    Pkcs12 theirs = Pkcs12.decode(Files.readAllBytes(directory.resolve("theirs.p12")), PASSPHRASE);
    assertThat(theirs.chain()).isEqualTo(ISSUED.chain());
  }

  private static PKCS12SafeBag greedyBag(EncryptedPrivateKeyInfo key) {
    return new PKCS12SafeBagFactory(
            new ContentInfo(
                PKCSObjectIdentifiers.data,
                new DEROctetString(
                    encoded(
                        new DERSequence(
                            new SafeBag(PKCSObjectIdentifiers.pkcs8ShroudedKeyBag, key, null))))))
        .getSafeBags()[0];
  }

  private static byte[] encoded(DERSequence sequence) {
    try {
      return sequence.getEncoded();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With few iterations, so that thousands of them can be tried. */
  static byte[] quickPkcs12(KeyMaterial key, char[] passphrase) throws Exception {
    X509Certificate certificate = ISSUED.leaf();
    PKCS12SafeBagBuilder bag =
        new PKCS12SafeBagBuilder(new JcaX509CertificateHolder(certificate))
            .addBagAttribute(
                PKCSObjectIdentifiers.pkcs_9_at_friendlyName, new DERBMPString("server"));
    PKCS12SafeBag keyBag = shrouded(key, 10, passphrase);
    return new PKCS12PfxPduBuilder()
        .addEncryptedData(encryptor(10, passphrase), new PKCS12SafeBag[] {bag.build()})
        .addData(keyBag)
        .build(
            new JcePKCS12MacCalculatorBuilder()
                .setProvider(BouncyCastle.PROVIDER)
                .setIterationCount(10),
            passphrase)
        .getEncoded();
  }

  private static PKCS12SafeBag shrouded(KeyMaterial key, int iterations, char[] passphrase)
      throws Exception {
    return new JcaPKCS12SafeBagBuilder(key.privateKey(), encryptor(iterations, passphrase)).build();
  }

  private static OutputEncryptor encryptor(int iterations, char[] passphrase) throws Exception {
    return new JcePKCSPBEOutputEncryptorBuilder(
            PKCSObjectIdentifiers.pbeWithSHAAnd3_KeyTripleDES_CBC)
        .setProvider(BouncyCastle.PROVIDER)
        .setIterationCount(iterations)
        .build(passphrase);
  }
}
