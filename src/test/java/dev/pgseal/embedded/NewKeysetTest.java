package dev.pgseal.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewKeysetTest {

  @TempDir Path directory;

  @Test
  void aKeySetIsReadableByItsOwnerOnly() throws IOException {
    Path file = NewKeyset.make(NewKeyset.OPTION, directory.resolve("keyset.json").toString());

    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(Files.readString(file)).contains("AesGcmKey");
  }

  @Test
  void aKeySetThatIsThereIsNeverReplaced() throws IOException {
    Path file = Files.writeString(directory.resolve("keyset.json"), "precious");

    assertThatThrownBy(() -> NewKeyset.make(NewKeyset.OPTION, file.toString()))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("there already");
    assertThat(file).hasContent("precious");
  }

  @Test
  void withoutAFileNameTheUsageIsTold() {
    assertThatThrownBy(() -> NewKeyset.make(NewKeyset.OPTION))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("--new-keyset FILE");
  }
}
