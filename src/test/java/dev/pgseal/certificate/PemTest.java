package dev.pgseal.certificate;

import static dev.pgseal.certificate.Fixtures.AUTHORITY;
import static dev.pgseal.certificate.Fixtures.EC_KEY;
import static dev.pgseal.certificate.Fixtures.ED25519_KEY;
import static dev.pgseal.certificate.Fixtures.RSA_KEY;
import static dev.pgseal.certificate.Fixtures.pem;
import static dev.pgseal.certificate.Fixtures.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.math.BigInteger;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.EncryptionScheme;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {

  private static final char[] PASSPHRASE = "correct horse".toCharArray();
  private static final String CERTIFICATE = AUTHORITY.bundle();

  @Test
  void certificatesComeBackInTheirOrder() {
    String leaf =
        AUTHORITY
            .issueServer(Fixtures.request("db"), EC_KEY.publicKey(), Fixtures.CLOCK)
            .chainPem();

    assertThat(Pem.encode(Pem.certificates(leaf + CERTIFICATE))).isEqualTo(leaf + CERTIFICATE);
  }

  @Test
  void byteOrderMarkCarriageReturnsAndTextBetweenAreLeftOut() {
    String windows =
        "\uFEFFBag Attributes\r\n  friendlyName: x\r\n" + CERTIFICATE.replace("\n", "\r\n");

    assertThat(Pem.encode(Pem.certificates(windows))).isEqualTo(CERTIFICATE);
  }

  @Test
  void aPrivateKeyBesideTheCertificatesIsNotCarriedAlong() {
    assertThat(Pem.encode(Pem.certificates(pem(EC_KEY) + CERTIFICATE))).isEqualTo(CERTIFICATE);
  }

  static Stream<KeyMaterial> keys() {
    return Stream.of(EC_KEY, RSA_KEY, ED25519_KEY, KeyType.ECDSA_P384.generate());
  }

  @ParameterizedTest
  @MethodSource("keys")
  void aKeyIsReadInEveryFormAndWrittenAsPkcs8(KeyMaterial key) throws Exception {
    String pkcs8 = pem(key);
    String traditional = pem(key.privateKey());
    String encrypted =
        pem(
            new JcaPKCS8Generator(
                key.privateKey(),
                new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                    .setProvider(BouncyCastle.PROVIDER)
                    .setPassword(PASSPHRASE)
                    .build()));

    for (String form : List.of(pkcs8, traditional, encrypted)) {
      KeyMaterial read = Pem.privateKey(form, PASSPHRASE);
      assertThat(pem(read)).isEqualTo(pkcs8).startsWith("-----BEGIN PRIVATE KEY-----\n");
      assertThat(read.publicKey()).isEqualTo(key.publicKey());
    }
  }

  @Test
  void aTraditionalEncryptedKeyIsReadToo() throws Exception {
    String encrypted =
        pem(
            new JcaMiscPEMGenerator(
                RSA_KEY.privateKey(),
                new JcePEMEncryptorBuilder("AES-256-CBC")
                    .setProvider(BouncyCastle.PROVIDER)
                    .build(PASSPHRASE)));

    assertThat(encrypted).contains("Proc-Type: 4,ENCRYPTED");
    assertThat(pem(Pem.privateKey(encrypted, PASSPHRASE))).isEqualTo(pem(RSA_KEY));
    assertThat(keyRefusal(encrypted, null).detail()).contains("is encrypted");
    assertThat(keyRefusal(encrypted, "wrong".toCharArray()).detail())
        .contains("cannot be decrypted");
  }

  @Test
  void anEncryptedKeyNeedsItsPassphrase() throws Exception {
    String encrypted =
        pem(
            new JcaPKCS8Generator(
                EC_KEY.privateKey(),
                new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                    .setProvider(BouncyCastle.PROVIDER)
                    .setPassword(PASSPHRASE)
                    .build()));

    assertThat(keyRefusal(encrypted, null).members().get("hint").toString()).contains("passphrase");
    assertThat(keyRefusal(encrypted, "wrong".toCharArray()).detail())
        .contains("cannot be decrypted");
  }

  @Test
  void anEncryptionThatAsksForEndlessWorkIsRefused() throws Exception {
    PBKDF2Params derivation =
        new PBKDF2Params(new byte[16], new BigInteger("2000000000").intValueExact(), 32);
    AlgorithmIdentifier encryption =
        new AlgorithmIdentifier(
            PKCSObjectIdentifiers.id_PBES2,
            new PBES2Parameters(
                new KeyDerivationFunc(PKCSObjectIdentifiers.id_PBKDF2, derivation),
                new EncryptionScheme(
                    NISTObjectIdentifiers.id_aes256_CBC, new DEROctetString(new byte[16]))));
    byte[] der = new EncryptedPrivateKeyInfo(encryption, new byte[64]).getEncoded();
    String text = new String(Pem.encode("ENCRYPTED PRIVATE KEY", der), "US-ASCII");

    assertThat(keyRefusal(text, PASSPHRASE).detail()).contains("too much work");
  }

  @Test
  void neitherTextNorErrorShowsAKey() {
    String body = pem(EC_KEY).lines().skip(1).findFirst().orElseThrow();
    String damaged = pem(EC_KEY).replace(body, body.substring(0, 60) + "!" + body.substring(61));
    PgsealException refusal = keyRefusal(damaged, null);

    assertThat(EC_KEY.toString()).isEqualTo("KeyMaterial[EC P-256, private key not shown]");
    assertThat(refusal.members()).containsEntry("line", 2).containsEntry("column", 61);
    assertThat(refusal.toString() + refusal.members() + refusal.getCause())
        .doesNotContain(body.substring(0, 10));
  }

  @Test
  void aDamagedRsaKeyIsFoundOut() throws Exception {
    RSAPrivateKey key =
        RSAPrivateKey.getInstance(
            org.bouncycastle.asn1.pkcs.PrivateKeyInfo.getInstance(RSA_KEY.privateKey().getEncoded())
                .parsePrivateKey());
    RSAPrivateKey damaged =
        new RSAPrivateKey(
            key.getModulus(),
            key.getPublicExponent(),
            key.getPrivateExponent(),
            key.getPrime1(),
            key.getPrime2(),
            key.getExponent1().add(BigInteger.TWO),
            key.getExponent2(),
            key.getCoefficient());
    String text = new String(Pem.encode("RSA PRIVATE KEY", damaged.getEncoded()), "US-ASCII");

    assertThat(keyRefusal(text, null).detail()).contains("do not fit together");
  }

  @Test
  void weakAndOddKeysAreRefused() {
    assertThat(keyRefusal(pem(Fixtures.rsa(1024).getPrivate()), null).detail())
        .contains("at least 2048 bits");
    assertThat(keyRefusal(CERTIFICATE, null).detail()).contains("no PRIVATE KEY block");
    assertThat(keyRefusal(pem(EC_KEY) + pem(RSA_KEY), null).detail()).contains("2 private keys");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no block at all",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAAA",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nA===A\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE----- AAAA -----END CERTIFICATE-----",
        "-----BEGIN certificate-----\nAAAA\n-----END certificate-----",
        "-----BEGIN \n",
        "-----BEGIN -----\n",
        "-----END CERTIFICATE-----",
      })
  void malformedTextsAreRefused(String text) {
    refusal(ProblemType.CERTIFICATE_INVALID, () -> Pem.certificates(text));
  }

  @Test
  void theLineOfAMistakeIsNamed() {
    String[] lines = CERTIFICATE.split("\n");
    lines[3] = lines[3].substring(0, 5) + "\u00E4" + lines[3].substring(6);
    PgsealException refusal =
        refusal(ProblemType.CERTIFICATE_INVALID, () -> Pem.certificates(String.join("\n", lines)));

    assertThat(refusal.detail()).contains("Line 4, column 6");
    assertThat(refusal.members()).containsEntry("line", 4).containsEntry("column", 6);
  }

  @Test
  void inputIsBounded() {
    String block = "-----BEGIN X-----\nAAAA\n-----END X-----\n";

    assertThat(refusal(() -> Pem.certificates("a".repeat((1 << 20) + 1))).detail())
        .contains("1048576");
    assertThat(refusal(() -> Pem.certificates(block.repeat(101))).detail()).contains("100 blocks");
  }

  @Test
  void deeplyNestedDerIsRefusedBeforeItOverflowsAStack() throws Exception {
    byte[] nested = new byte[700_000];
    for (int i = 0; i < nested.length; i += 2) {
      nested[i] = 0x30;
      nested[i + 1] = (byte) 0x80;
    }
    for (String label : List.of("CERTIFICATE", "PRIVATE KEY", "CERTIFICATE REQUEST")) {
      String text = new String(Pem.encode(label, nested), "US-ASCII");
      refusal(ProblemType.CERTIFICATE_INVALID, () -> Pem.certificates(text));
      refusal(ProblemType.CERTIFICATE_INVALID, () -> Pem.privateKey(text, null));
      refusal(ProblemType.CERTIFICATE_INVALID, () -> SigningRequest.parse(text));
    }
  }

  private static PgsealException keyRefusal(String text, char[] passphrase) {
    return refusal(ProblemType.CERTIFICATE_INVALID, () -> Pem.privateKey(text, passphrase));
  }
}
