package dev.pgseal.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import dev.pgseal.problem.PgsealException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysetRotationTest {

  private static final byte[] SECRET = "open sesame".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;
  private String before;
  private String added;
  private String promoted;
  private String dropped;

  @BeforeEach
  void rotate() throws GeneralSecurityException {
    AeadConfig.register();
    before =
        TinkJsonProtoKeysetFormat.serializeKeyset(
            KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM),
            InsecureSecretKeyAccess.get());
    added = KeysetRotation.ADD.apply(before);
    promoted = KeysetRotation.PROMOTE.apply(added);
    dropped = KeysetRotation.DROP.apply(promoted);
  }

  /** What makes it safe that, for a while, some replicas have one key set and some the next. */
  @Test
  void whatAStepSealsTheStepBeforeAndTheStepAfterOpen() throws IOException {
    opens(before, added);
    opens(added, before);
    opens(added, promoted);
    opens(promoted, added);
    opens(promoted, dropped);
    opens(dropped, promoted);
  }

  @Test
  void theOldKeyOpensNothingNewAndTheNewOneNothingOld() throws IOException {
    byte[] old = secrets(before).seal(SECRET, "a");
    byte[] anew = secrets(promoted).seal(SECRET, "a");

    assertThatThrownBy(() -> secrets(dropped).open(old, "a")).isInstanceOf(PgsealException.class);
    assertThatThrownBy(() -> secrets(before).open(anew, "a")).isInstanceOf(PgsealException.class);
    assertThat(secrets(dropped).opens(secrets(before).mark())).isFalse();
  }

  @Test
  void theMarkTellsTheKey() throws IOException {
    assertThat(secrets(promoted).seal(SECRET, "a")).startsWith(secrets(dropped).mark());
    assertThat(secrets(added).seal(SECRET, "a")).startsWith(secrets(before).mark());
    assertThat(secrets(before).mark()).isNotEqualTo(secrets(promoted).mark());
    assertThat(secrets(promoted).opens(secrets(before).mark())).isTrue();
  }

  @Test
  void whatIsNoKeySetIsRefusedWithoutQuotingIt() {
    assertThatThrownBy(() -> KeysetRotation.ADD.apply("{\"secret\": \"hunter2\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
  }

  private void opens(String sealing, String opening) throws IOException {
    assertThat(secrets(opening).open(secrets(sealing).seal(SECRET, "a"), "a")).isEqualTo(SECRET);
  }

  private Secrets secrets(String keyset) throws IOException {
    return TinkSecrets.from(Files.writeString(directory.resolve("keyset.json"), keyset));
  }
}
