package dev.pgseal.certificate;

import static dev.pgseal.certificate.Fixtures.AUTHORITY;
import static dev.pgseal.certificate.Fixtures.CLOCK;
import static dev.pgseal.certificate.Fixtures.EC_KEY;
import static dev.pgseal.certificate.Fixtures.pem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.testing.Damage;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Damaged texts of every kind: a result or a {@link PgsealException}, never anything else. */
class HostileInputTest {

  private static final int ROUNDS = 2500;
  private static final char[] PASSPHRASE = "x".toCharArray();

  private final long seed = Long.getLong("pgseal.test.seed", 20260101L);
  private final Damage damage = new Damage(seed);

  @Test
  void damagedCertificatesAndKeysAreRefusedOrRead() {
    String chain =
        AUTHORITY
            .issueServer(Fixtures.request("db.example.com", "10.0.0.1"), EC_KEY.publicKey(), CLOCK)
            .chainPem();
    String key = pem(EC_KEY);
    attack(
        chain,
        text ->
            ProvidedCertificate.check(text, key, null, List.of("db.example.com"), Set.of(), CLOCK));
    attack(key, text -> Pem.privateKey(text, PASSPHRASE));
    // fewer, since each RSA key that can still be read is tried by a signature
    attack(500, pem(Fixtures.RSA_KEY.privateKey()), text -> Pem.privateKey(text, PASSPHRASE));
    attack(
        AUTHORITY.bundle(),
        text ->
            Authority.of(
                text, pem(AUTHORITY.key()), null, AuthorityPolicy.DEFAULT, Set.of(), CLOCK));
  }

  @Test
  void damagedSigningRequestsAreRefusedOrRead() throws Exception {
    attack(
        10_000,
        pem(SigningRequestTest.csr(EC_KEY, EC_KEY, "db")),
        text -> SigningRequest.parse(text).lint(List.of("db")));
  }

  @Test
  void damagedPkcs12FilesAreRefusedOrRead() throws Exception {
    byte[] file = KeyEncryptionTest.quickPkcs12(EC_KEY, PASSPHRASE);
    int refused = 0;
    for (int round = 0; round < 10_000; round++) {
      byte[] damaged = damage.file(file);
      try {
        Pkcs12.decode(damaged, PASSPHRASE);
      } catch (PgsealException e) {
        refused++;
      } catch (RuntimeException | Error e) {
        fail("seed " + seed + ", round " + round + "\n" + HexFormat.of().formatHex(damaged), e);
      }
    }
    assertThat(refused).as("refused with seed " + seed).isGreaterThan(5_000);
  }

  private void attack(String text, Consumer<String> reader) {
    attack(ROUNDS, text, reader);
  }

  private void attack(int rounds, String text, Consumer<String> reader) {
    int refused = 0;
    for (int round = 0; round < rounds; round++) {
      String damaged = damage.pem(text);
      try {
        reader.accept(damaged);
      } catch (PgsealException e) {
        refused++;
        assertThat(e.detail()).isNotBlank().hasSizeLessThan(1000);
      } catch (RuntimeException | Error e) {
        fail("seed " + seed + ", round " + round + "\n" + damaged, e);
      }
    }
    assertThat(refused).as("refused with seed " + seed).isGreaterThan(rounds / 2);
  }
}
