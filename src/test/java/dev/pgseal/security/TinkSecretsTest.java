package dev.pgseal.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.store.ControlDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TinkSecretsTest {

  private static final byte[] SECRET = "open sesame".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;

  @Test
  void aSealedSecretOpensInItsContextOnly() throws Exception {
    Secrets secrets = ControlDatabase.newSecrets();

    byte[] sealed = secrets.seal(SECRET, "server/1/password");

    assertThat(secrets.open(sealed, "server/1/password")).isEqualTo(SECRET);
    assertThatThrownBy(() -> secrets.open(sealed, "server/2/password"))
        .isInstanceOf(PgsealException.class);
  }

  @Test
  void anotherKeySetDoesNotOpenIt() throws Exception {
    byte[] sealed = ControlDatabase.newSecrets().seal(SECRET, "a");
    Secrets other = ControlDatabase.newSecrets();

    assertThatThrownBy(() -> other.open(sealed, "a"))
        .isInstanceOf(PgsealException.class)
        .hasMessageContaining("another key set");
  }

  @Test
  void aFileThatIsNoKeySetIsRefusedWithoutQuotingIt() throws Exception {
    Path file = Files.writeString(directory.resolve("keyset.json"), "{\"secret\": \"hunter2\"}");

    assertThatThrownBy(() -> TinkSecrets.from(file))
        .hasMessageContaining("pgseal.keyset-file")
        .hasStackTraceContaining("IllegalStateException")
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
    assertThatThrownBy(() -> TinkSecrets.from(directory.resolve("missing.json")))
        .hasMessageContaining("pgseal.keyset-file")
        .hasMessageContaining("missing.json");
  }
}
