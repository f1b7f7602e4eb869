package dev.pgseal.it;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.PendingAuthority;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.pkcs.PKCS12PfxPduBuilder;
import org.bouncycastle.pkcs.PKCS12SafeBag;
import org.bouncycastle.pkcs.jcajce.JcaPKCS12SafeBagBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCS12MacCalculatorBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEOutputEncryptorBuilder;

/**
 * Sound material of one kind of key, to be spoiled.
 *
 * @param csr PEM
 * @param chain PEM of an authority with its root
 * @param key PEM of the authority's key
 * @param pkcs12 both in one file under {@link #PASSPHRASE}, with few iterations, since what is
 *     tried thousands of times must be cheap
 */
record FuzzSeeds(String csr, String chain, String key, byte[] pkcs12) {

  static final String PASSPHRASE = "passphrase";

  private static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();
  private static final int ITERATIONS = 10;

  static FuzzSeeds of(KeyType type) throws Exception {
    AuthorityProfile profile =
        AuthorityProfile.of("Fuzzed CA", type, AuthorityProfile.DEFAULT_VALIDITY);
    Authority authority =
        Authority.create(profile, Clock.systemUTC()).createIntermediate(profile, Clock.systemUTC());
    StringBuilder chain = new StringBuilder();
    for (X509Certificate certificate : authority.chain()) {
      chain.append(Pem.encode(certificate));
    }
    return new FuzzSeeds(
        PendingAuthority.create(profile).csrPem(),
        chain.toString(),
        new String(authority.key().pkcs8Pem(), StandardCharsets.US_ASCII),
        pkcs12(authority));
  }

  private static byte[] pkcs12(Authority authority) throws Exception {
    KeyMaterial key = authority.key();
    PKCS12SafeBag[] certificates = new PKCS12SafeBag[authority.chain().size()];
    for (int i = 0; i < certificates.length; i++) {
      certificates[i] = new JcaPKCS12SafeBagBuilder(authority.chain().get(i)).build();
    }
    return new PKCS12PfxPduBuilder()
        .addEncryptedData(encryptor(), certificates)
        .addData(new JcaPKCS12SafeBagBuilder(key.privateKey(), encryptor()).build())
        .build(
            new JcePKCS12MacCalculatorBuilder().setProvider(PROVIDER).setIterationCount(ITERATIONS),
            PASSPHRASE.toCharArray())
        .getEncoded();
  }

  private static OutputEncryptor encryptor() throws Exception {
    return new JcePKCSPBEOutputEncryptorBuilder(
            PKCSObjectIdentifiers.pbeWithSHAAnd3_KeyTripleDES_CBC)
        .setProvider(PROVIDER)
        .setIterationCount(ITERATIONS)
        .build(PASSPHRASE.toCharArray());
  }
}
