package dev.pgseal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A search that finds nothing proves something only if it finds what is there. */
class KeyTracesTest {

  @ParameterizedTest
  @EnumSource(KeyType.class)
  void findsAKeyInEveryFormInWhichItCouldLeak(KeyType type) {
    KeyMaterial key = type.generate();
    String pem = pem(key);
    byte[] der = key.privateKey().getEncoded();
    KeyTraces traces = new KeyTraces().add("key", pem);

    assertThat(traces.in(der)).contains("key in DER");
    assertThat(traces.in(HexFormat.of().formatHex(der))).contains("key in hex");
    assertThat(traces.in(HexFormat.of().withUpperCase().formatHex(der))).contains("key in hex");
    assertThat(traces.in("LOG:  statement: SELECT '" + pem.replace("\n", "\n\t") + "'"))
        .contains("key in base64");
    assertThat(traces.in("{\"key\":\"" + pem.replace("\n", "\\n") + "\"}"))
        .contains("key in base64");
    for (String before : List.of("", "1", "12")) {
      String text = before + pem;
      assertThat(traces.in(Base64.getMimeEncoder().encodeToString(text.getBytes())))
          .contains("key in base64 of PEM");
      assertThat(traces.in("\\x" + HexFormat.of().formatHex(text.getBytes())))
          .contains("key in hex of PEM");
    }
  }

  @Test
  void aPieceOfAKeyIsEnough() {
    KeyMaterial elliptic = KeyType.ECDSA_P256.generate();
    byte[] scalar = ((ECPrivateKey) elliptic.privateKey()).getS().toByteArray();
    KeyMaterial rsa = KeyType.RSA_3072.generate();
    KeyTraces traces = new KeyTraces().add("elliptic", pem(elliptic)).add("rsa", pem(rsa));

    assertThat(traces.in(Arrays.copyOfRange(scalar, 5, 21))).containsExactly("elliptic in DER");
    String oneLine = pem(rsa).lines().skip(20).findFirst().orElseThrow();
    assertThat(traces.in(oneLine)).containsExactly("rsa in base64");
  }

  @ParameterizedTest
  @EnumSource(KeyType.class)
  void thePublicHalfIsNoTraceNorIsAnotherKey(KeyType type) {
    KeyMaterial key = type.generate();
    KeyTraces traces = new KeyTraces().add("key", pem(key));
    byte[] publicHalf = key.publicKey().getEncoded();

    assertThat(traces.in(publicHalf)).isEmpty();
    assertThat(traces.in(Base64.getEncoder().encode(publicHalf))).isEmpty();
    assertThat(traces.in(HexFormat.of().formatHex(publicHalf))).isEmpty();
    assertThat(traces.in(type.generate().pkcs8Pem())).isEmpty();
  }

  private static String pem(KeyMaterial key) {
    return new String(key.pkcs8Pem(), StandardCharsets.US_ASCII);
  }

  @Test
  void aPassphraseIsFoundAsAWhole() {
    KeyTraces traces = new KeyTraces().addText("passphrase", "correct horse");
    assertThat(traces.in("passphrase=correct horse;")).containsExactly("passphrase in text");
    assertThat(traces.in("correct h")).isEmpty();
  }
}
