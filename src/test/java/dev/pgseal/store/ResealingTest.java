package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.embedded.NewKeyset;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.security.KeysetRotation;
import dev.pgseal.security.Secrets;
import dev.pgseal.security.TinkSecrets;
import dev.pgseal.server.ManagedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ResealingTest {

  @RegisterExtension static final ControlDatabase CONTROL = new ControlDatabase();

  @TempDir Path directory;

  /** A new sealed column that is not listed would be lost with the old key. */
  @Test
  void everyColumnOfBytesIsKnownAsSealedOrNot() {
    List<String> columns =
        CONTROL
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .createQuery(
                            """
                            select table_name || '.' || column_name from information_schema.columns
                            where table_schema = 'public' and data_type = 'bytea'
                            """)
                        .mapTo(String.class)
                        .list());

    assertThat(columns)
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    SealedColumn.ALL.stream().map(SealedColumn::name),
                    SealedColumn.NOT_SEALED.stream())
                .toList());
  }

  @Test
  void whatAnOlderKeySealedIsSealedByTheNewOneAndOnlyOnce() throws IOException {
    String before = read(NewKeyset.make(NewKeyset.OPTION, directory.resolve("k1").toString()));
    String promoted = KeysetRotation.PROMOTE.apply(KeysetRotation.ADD.apply(before));
    Secrets both = secrets("both", promoted);
    Secrets onlyNew = secrets("new", KeysetRotation.DROP.apply(promoted));
    ManagedServer server = serverSealedBy(secrets("old", before));
    JdbiServerStore store = new JdbiServerStore(CONTROL.jdbi(), onlyNew);

    assertThatThrownBy(() -> store.login(server)).isInstanceOf(PgsealException.class);
    assertThat(new Resealing(CONTROL.jdbi(), both).run()).isEqualTo(1);
    assertThat(new Resealing(CONTROL.jdbi(), both).run()).isZero();
    assertThat(store.login(server).password()).isEqualTo("hunter2");
  }

  @Test
  void aValueOfAnotherKeySetIsLeftAloneAndRefusesTheStart() throws IOException {
    ManagedServer server = serverSealedBy(CONTROL.secrets());
    Secrets other =
        secrets("k2", read(NewKeyset.make(NewKeyset.OPTION, directory.resolve("k3").toString())));

    assertThatThrownBy(() -> new Resealing(CONTROL.jdbi(), other).run())
        .isInstanceOf(PgsealException.class)
        .hasMessageContaining("another key set");
    assertThatThrownBy(() -> new KeysetCheck(CONTROL.jdbi(), other).onStart(null))
        .hasMessageContaining("pgseal.keyset-file")
        .hasMessageContaining("server.password");
    assertThatCode(() -> new KeysetCheck(CONTROL.jdbi(), CONTROL.secrets()).onStart(null))
        .doesNotThrowAnyException();
    assertThat(CONTROL.servers().login(server).password()).isEqualTo("hunter2");
  }

  /** The only one there is. */
  private static ManagedServer serverSealedBy(Secrets secrets) {
    CONTROL.jdbi().useHandle(handle -> handle.execute("delete from server"));
    ManagedServer server = CONTROL.insertServer();
    return new JdbiServerStore(CONTROL.jdbi(), secrets).update(server, "hunter2");
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file);
  }

  private Secrets secrets(String name, String keyset) throws IOException {
    return TinkSecrets.from(Files.writeString(directory.resolve(name), keyset));
  }
}
