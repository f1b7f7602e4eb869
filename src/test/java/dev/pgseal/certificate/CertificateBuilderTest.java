package dev.pgseal.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.Test;

class CertificateBuilderTest {

  private static final int THREADS = 8;
  private static final int EACH = 20_000;

  /** OpenSSL does not find the issuer of a certificate whose identifiers do not fit. */
  @Test
  void identifiersFitTheirKeysWhenManyAreMadeAtTheSameTime() throws Exception {
    List<Callable<Long>> makers = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      PublicKey key = KeyType.ECDSA_P256.generate().publicKey();
      byte[] expected = rfc5280(key);
      makers.add(
          () -> {
            long wrong = 0;
            for (int n = 0; n < EACH; n++) {
              byte[] made = CertificateBuilder.subjectKeyIdentifier(key).getKeyIdentifier();
              wrong += MessageDigest.isEqual(made, expected) ? 0 : 1;
            }
            return wrong;
          });
    }
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    long wrong = 0;
    for (Future<Long> maker : threads.invokeAll(makers)) {
      wrong += maker.get();
    }
    threads.shutdown();
    assertThat(wrong).isZero();
  }

  /** Method 1 of RFC 5280 §4.2.1.2. */
  private static byte[] rfc5280(PublicKey key) throws Exception {
    byte[] bits = SubjectPublicKeyInfo.getInstance(key.getEncoded()).getPublicKeyData().getBytes();
    return MessageDigest.getInstance("SHA-1").digest(bits);
  }
}
