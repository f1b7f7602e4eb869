package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.audit.Actor;
import dev.pgseal.audit.Actors;
import dev.pgseal.audit.AuditEntry;
import dev.pgseal.audit.AuditLog;
import dev.pgseal.audit.AuditQuery;
import dev.pgseal.security.ApiToken;
import dev.pgseal.security.Grant;
import dev.pgseal.server.ManagedServer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AuditLogTest {

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private static final Actor ALICE = new Actor("alice", "192.0.2.9", "request-1", null);

  private final AuditLog log = new JdbiAuditLog(DATABASE.jdbi(), DATABASE.secrets());

  /** What a test damaged must not be what the next one finds. */
  @AfterEach
  void emptyTheLog() {
    tamper(
        "truncate audit_entry, audit_seal",
        "update audit_head set number = 0, hash = sha256('pgseal audit')");
  }

  @Test
  void aChangeIsRecordedWithWhoFromWhereBeforeAndAfterButNoSecret() {
    ManagedServer server;
    try (Actors.Scope alice = Actors.as(ALICE)) {
      server = DATABASE.insertServer("the old secret", Map.of("env", "test"));
      DATABASE.servers().update(moved(server), "the new secret");
    }

    List<AuditEntry> entries = log.oldest(about("servers/" + server.name()), 0, 10);

    assertThat(entries)
        .extracting(AuditEntry::action)
        .containsExactly("server.insert", "server.update");
    assertThat(entries)
        .allSatisfy(
            entry -> {
              assertThat(entry.actor()).isEqualTo("alice");
              assertThat(entry.origin()).isEqualTo("192.0.2.9");
              assertThat(entry.requestId()).isEqualTo("request-1");
              assertThat(entry.server()).isEqualTo(server.name());
            });
    assertThat(entries.get(0).before()).isNull();
    assertThat(entries.get(0).after())
        .containsEntry("host", server.host())
        .containsEntry("password", "(sealed)");
    assertThat(entries.get(1).before())
        .containsOnlyKeys("host", "password", "revision")
        .containsEntry("host", server.host());
    assertThat(entries.get(1).after())
        .containsEntry("host", "elsewhere.example.org")
        .containsEntry("password", "(sealed, another)");
  }

  private static ManagedServer moved(ManagedServer server) {
    return new ManagedServer(
        server.id(),
        server.name(),
        "elsewhere.example.org",
        server.port(),
        server.database(),
        server.username(),
        server.sslMode(),
        server.sslRootCertificate(),
        server.endpoints(),
        server.labels(),
        server.desiredMode(),
        server.revision(),
        server.createdAt(),
        server.updatedAt());
  }

  @Test
  void whatCannotBeRecordedIsNotDone() {
    tamper("alter table audit_head rename to audit_head_away");
    try {
      assertThatThrownBy(() -> DATABASE.insertServer("secret", Map.of("lost", "yes")))
          .hasStackTraceContaining("audit_head");
    } finally {
      tamper("alter table audit_head_away rename to audit_head");
    }

    assertThat(DATABASE.servers().list(Map.of("lost", "yes"), null, 10)).isEmpty();
  }

  @Test
  void whatIsTakenBackIsNotRecorded() {
    assertThatThrownBy(
            () ->
                DATABASE
                    .jdbi()
                    .useTransaction(
                        handle -> {
                          handle.execute("update server set host = 'x'");
                          throw new IllegalStateException("taken back");
                        }))
        .hasMessage("taken back");

    assertThat(log.oldest(everything(), 0, 1000)).noneMatch(entry -> "x".equals(host(entry)));
    assertThat(log.check().intact()).isTrue();
  }

  private static Object host(AuditEntry entry) {
    return entry.after() == null ? null : entry.after().get("host");
  }

  @Test
  void aChangeByHandIsRecordedAsTheRoles() {
    ManagedServer server = DATABASE.insertServer();

    DATABASE
        .jdbi()
        .useHandle(
            handle -> handle.execute("update server set port = 1 where id = ?", server.id()));

    AuditEntry last = log.newest(about("servers/" + server.name()), null, 1).get(0);
    assertThat(last.actor()).isEqualTo("sql:postgres");
    assertThat(last.after()).containsExactly(Map.entry("port", 1));
  }

  @Test
  void observationsAreNoChanges() {
    JdbiTokenStore tokens = new JdbiTokenStore(DATABASE.jdbi());
    tokens.insert(
        new ApiToken("watched", Grant.ADMIN, "test", List.of(), Instant.now(), null, null),
        new byte[] {1});

    tokens.used("watched", Instant.now(), Instant.now());

    assertThat(log.oldest(about("tokens/watched"), 0, 10))
        .extracting(AuditEntry::action)
        .containsExactly("api_token.insert");
    assertThat(log.oldest(about("tokens/watched"), 0, 1).get(0).after())
        .containsEntry("token_hash", "(sealed)");
  }

  @Test
  void entriesOfManyWritersAtOnceAreOneChainWithoutGaps() throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> all =
          IntStream.range(0, 200)
              .<Future<?>>mapToObj(
                  i ->
                      writers.submit(
                          () -> {
                            ManagedServer server = DATABASE.insertServer();
                            DATABASE.servers().update(moved(server), null);
                          }))
              .toList();
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      writers.shutdownNow();
    }

    assertThat(log.oldest(everything(), 0, 1000))
        .extracting(AuditEntry::number)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 400).boxed().toList());
    assertThat(log.check().intact()).isTrue();
    assertThat(log.check().entries()).isEqualTo(400);
  }

  @Test
  void entriesAreNeitherChangedNorDeleted() {
    DATABASE.insertServer();

    for (String change :
        List.of(
            "update audit_entry set entry = '{}'",
            "delete from audit_entry",
            "truncate audit_entry",
            "delete from audit_seal")) {
      assertThatThrownBy(() -> DATABASE.jdbi().useHandle(handle -> handle.execute(change)))
          .as(change)
          .hasMessageContaining("neither changed nor deleted");
    }
  }

  @Test
  void aChangedEntryIsFound() {
    three();
    tamper("update audit_entry set entry = replace(entry, '5432', '5433') where number = 2");

    assertThat(log.check().fault()).isEqualTo("Entry 2 does not follow from those before it");
  }

  @Test
  void aMissingEntryIsFound() {
    three();
    tamper("delete from audit_entry where number = 2");

    assertThat(log.check().fault()).isEqualTo("Entry 2 is missing");
  }

  @Test
  void aCutEndIsFound() {
    three();
    tamper("delete from audit_entry where number = 3");

    assertThat(log.check().fault()).contains("ends at entry 2, not at 3");
  }

  @Test
  void aHistoryThatWasWrittenAnewIsFoundBySomeoneWithTheKeySet() {
    three();
    log.seal();
    assertThat(log.check().sealedUpTo()).isEqualTo(3);

    rewriteWith("5433");

    assertThat(log.check().intact()).isFalse();
    assertThat(log.check().fault()).isEqualTo("Entry 3 is not the one that was sealed");
  }

  @Test
  void aHistoryThatWasCutBehindItsSealIsFound() {
    three();
    log.seal();

    tamper(
        "delete from audit_entry where number = 3",
        "update audit_head set number = 2,"
            + " hash = (select hash from audit_entry where number = 2)");

    assertThat(log.check().fault()).isEqualTo("Entry 3 was sealed and is not there");
  }

  private void three() {
    IntStream.range(0, 3).forEach(i -> DATABASE.insertServer());
    assertThat(log.check().intact()).isTrue();
  }

  /** What somebody does who may write to the control database and knows how the chain is made. */
  private static void rewriteWith(String port) {
    tamper(
        "update audit_entry set entry = replace(entry, '5432', '" + port + "')",
        """
        do $$
        declare hash_before bytea := sha256('pgseal audit'); one record;
        begin
          for one in select * from audit_entry order by number loop
            hash_before := sha256(hash_before || convert_to(one.entry, 'UTF8'));
            update audit_entry set hash = hash_before where number = one.number;
          end loop;
          update audit_head set hash = hash_before;
        end $$
        """);
  }

  private static void tamper(String... statements) {
    try (Handle handle = DATABASE.jdbi().open()) {
      handle.execute("set session_replication_role = replica"); // no triggers
      for (String statement : statements) {
        handle.execute(statement);
      }
    }
  }

  private static AuditQuery everything() {
    return new AuditQuery(null, null, null, null, null, null, null, null);
  }

  private static AuditQuery about(String resource) {
    return new AuditQuery(null, null, resource, null, null, null, null, null);
  }
}
