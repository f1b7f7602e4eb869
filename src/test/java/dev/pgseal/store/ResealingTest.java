package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.audit.AuditEntry;
import dev.pgseal.audit.AuditLog;
import dev.pgseal.audit.AuditQuery;
import dev.pgseal.audit.ChainCheck;
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
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
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
                    Stream.concat(
                        Stream.of(SealedColumn.AUDIT_SEAL), SealedColumn.NOT_SEALED.stream()))
                .toList());
  }

  @Test
  void whatAnOlderKeySealedIsSealedByTheNewOneAndOnlyOnce() throws IOException {
    String before = keyset("k1");
    String promoted = KeysetRotation.PROMOTE.apply(KeysetRotation.ADD.apply(before));
    Secrets old = secrets("old", before);
    Secrets both = secrets("both", promoted);
    Secrets onlyNew = secrets("new", KeysetRotation.DROP.apply(promoted));
    SealedRows rows = SealedRows.write(CONTROL, old);
    assertThat(emptyColumns()).isEmpty();

    assertThatThrownBy(() -> rows.requireAll(onlyNew)).isInstanceOf(PgsealException.class);
    Resealing resealing = new Resealing(CONTROL.jdbi(), both);

    // one in each column, and the fingerprint of a request that was not answered
    assertThat(resealing.run()).isEqualTo(SealedColumn.ALL.size() + 1);
    assertThat(resealing.takeOverAuditLog()).isNull();
    long entries = log(both).check().entries();
    assertThat(resealing.run()).isZero();
    assertThat(resealing.takeOverAuditLog()).isNull();
    assertThat(log(both).check().entries()).isEqualTo(entries);
    rows.requireAll(onlyNew);
    assertThatCode(() -> new KeysetCheck(CONTROL.jdbi(), onlyNew).onStart(null))
        .doesNotThrowAnyException();
  }

  /** The names of sealed columns that the test has no value in. */
  private static List<String> emptyColumns() {
    return CONTROL
        .jdbi()
        .withHandle(
            handle ->
                SealedColumn.ALL.stream()
                    .filter(
                        column ->
                            handle
                                .createQuery(
                                    "select count(%s) = 0 from %s"
                                        .formatted(column.column(), column.table()))
                                .mapTo(Boolean.class)
                                .one())
                    .map(SealedColumn::name)
                    .toList());
  }

  @Test
  void theAuditLogIsVouchedForBeforeTheKeyOfItsSealsGoes() throws IOException {
    String before = keyset("k4");
    String promoted = KeysetRotation.PROMOTE.apply(KeysetRotation.ADD.apply(before));
    Secrets both = secrets("both4", promoted);
    Secrets onlyNew = secrets("new4", KeysetRotation.DROP.apply(promoted));
    serverSealedBy(secrets("old4", before));
    log(secrets("old4", before)).seal();
    CONTROL.insertServer();
    log(both).seal();

    assertThat(log(onlyNew).check().fault()).contains("no --reseal came after");
    assertThat(resealAudit(both)).isNull();

    ChainCheck check = log(onlyNew).check();
    assertThat(check.fault()).isNull();
    assertThat(check.sealedUpTo()).isEqualTo(check.entries());
    assertThat(lastEntry().after()).containsEntry("auditLog", "intact");
  }

  @Test
  void aRewrittenAuditLogIsToldOfForEver() throws IOException {
    String before = keyset("k5");
    String promoted = KeysetRotation.PROMOTE.apply(KeysetRotation.ADD.apply(before));
    Secrets both = secrets("both5", promoted);
    serverSealedBy(secrets("old5", before));
    log(secrets("old5", before)).seal();
    long sealed = log(both).check().sealedUpTo();
    CONTROL.insertServer();
    tamper("update audit_seal set number = number + 1");

    String fault = "Entry " + (sealed + 1) + " is not the one that was sealed";
    assertThat(resealAudit(both)).isEqualTo(fault);

    assertThat(lastEntry().after()).containsEntry("fault", fault);
    assertThat(log(both).check().fault()).isEqualTo(fault);
  }

  private static @Nullable String resealAudit(Secrets secrets) {
    return new Resealing(CONTROL.jdbi(), secrets).takeOverAuditLog();
  }

  private static AuditLog log(Secrets secrets) {
    return new JdbiAuditLog(CONTROL.jdbi(), secrets);
  }

  private AuditEntry lastEntry() {
    AuditQuery reseals =
        new AuditQuery(null, AuditResealing.ACTION, null, null, null, null, null, null);
    return log(CONTROL.secrets()).newest(reseals, null, 1).get(0);
  }

  /** Each test has the audit log and the control database for itself. */
  @BeforeEach
  void empty() {
    tamper(
        """
        truncate audit_entry, audit_seal, server, job, authority, revocation_list, webhook,
          idempotent_request cascade
        """);
    tamper("update audit_head set number = 0, hash = sha256('pgseal audit')");
  }

  private static void tamper(String statement) {
    try (Handle handle = CONTROL.jdbi().open()) {
      handle.execute("set session_replication_role = replica"); // no triggers
      handle.execute(statement);
    }
  }

  @Test
  void aValueOfAnotherKeySetIsLeftAloneAndRefusesTheStart() throws IOException {
    ManagedServer server = serverSealedBy(CONTROL.secrets());
    Secrets other = secrets("k2", keyset("k3"));

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
    ManagedServer server = CONTROL.insertServer();
    return new JdbiServerStore(CONTROL.jdbi(), secrets).update(server, "hunter2");
  }

  private String keyset(String name) throws IOException {
    return Files.readString(NewKeyset.make(NewKeyset.OPTION, directory.resolve(name).toString()));
  }

  private Secrets secrets(String name, String keyset) throws IOException {
    return TinkSecrets.from(Files.writeString(directory.resolve(name), keyset));
  }
}
