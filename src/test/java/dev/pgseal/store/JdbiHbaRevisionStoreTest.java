package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.hba.HbaEdit;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerLocks;
import dev.pgseal.tls.HbaNote;
import dev.pgseal.tls.HbaRevision;
import dev.pgseal.tls.HbaTree;
import dev.pgseal.tls.HbaWrite;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class JdbiHbaRevisionStoreTest {

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private static final String MAIN = "/etc/pg_hba.conf";
  private static final HbaNote FOUND =
      new HbaNote(HbaRevision.Kind.FOUND, "pgseal", "found", List.of(), null);

  private final JdbiHbaRevisionStore revisions =
      new JdbiHbaRevisionStore(DATABASE.jdbi(), DATABASE.secrets());
  private final JdbiHbaWrites writes = new JdbiHbaWrites(DATABASE.jdbi(), DATABASE.secrets());
  private final ManagedServer server = DATABASE.insertServer();

  @Test
  void revisionsAreNumberedPerServerAndKeepEveryByteOfEveryFile() {
    // not UTF-8: PostgreSQL compares bytes, so any may lie in the file
    byte[] main = {'h', 'o', 's', 't', (byte) 0xff, '\n'};
    HbaTree before = HbaTree.of(MAIN, main);
    HbaTree after =
        new HbaTree(MAIN, new TreeMap<>(Map.of(MAIN, main, "/etc/a.conf", new byte[] {0, -1})));

    HbaRevision first = revisions.append(server.id(), before, FOUND, List.of(MAIN));
    HbaRevision second =
        revisions.append(
            server.id(),
            after,
            HbaNote.enforced("ann", List.of(edit("host"))),
            List.of("/etc/a.conf"));

    assertThat(List.of(first.number(), second.number())).containsExactly(1, 2);
    assertThat(second.edits().get(0)).containsEntry("before", "host");
    assertThat(second.files()).containsExactly("/etc/a.conf");
    assertThat(second.sha256()).isEqualTo(after.tag());
    assertThat(revisions.list(server.id(), null, 10)).containsExactly(second, first);
    assertThat(revisions.list(server.id(), 2, 10)).containsExactly(first);
    assertThat(revisions.find(server.id(), 2)).contains(second);
    assertThat(revisions.tree(second).files().get(MAIN)).isEqualTo(main);
    assertThat(revisions.tree(second).files().get("/etc/a.conf")).isEqualTo(new byte[] {0, -1});
    assertThat(revisions.tree(first).tag()).isEqualTo(before.tag());
  }

  @Test
  void aSecretInARuleIsNowhereReadableInItsRevisionOrWrite() {
    String rule = "host all all all ldap ldapserver=ds ldapbindpasswd=hush";

    revisions.append(
        server.id(),
        new HbaTree(MAIN, new TreeMap<>(Map.of(MAIN, bytes(rule), "/etc/a.conf", bytes(rule)))),
        HbaNote.enforced("ann", List.of(edit(rule))),
        List.of());
    writes.begin(write(rule));

    for (String table : List.of("hba_revision", "hba_write")) {
      List<String> stored =
          DATABASE
              .jdbi()
              .withHandle(
                  handle ->
                      handle
                          .createQuery(
                              "select to_jsonb(r)::text from %s r where server_id = ?"
                                  .formatted(table))
                          .bind(0, server.id())
                          .mapTo(String.class)
                          .list());
      assertThat(stored)
          .singleElement()
          .asString()
          .doesNotContain("hush")
          .doesNotContain(hex("hush"));
    }
  }

  @Test
  void aWriteStandsUntilItsRevisionIsThere() {
    writes.begin(write("before"));
    assertThat(writes.find(server.id()).orElseThrow().parts().get(0).before())
        .isEqualTo(bytes("before"));
    assertThat(revisions.idleMark(server.id())).isEmpty();

    revisions.append(server.id(), HbaTree.of(MAIN, bytes("after")), FOUND, List.of());

    assertThat(writes.find(server.id())).isEmpty();
    assertThat(revisions.idleMark(server.id())).isPresent();
  }

  @Test
  void whatWasReadWhileAnOperationBeganOrEndedIsNotHeldForSomebodyElsesWork() {
    var locks = new JdbiServerLocks(DATABASE.jdbi());
    HbaTree seen = HbaTree.of(MAIN, bytes("half written"));
    String mark = revisions.idleMark(server.id()).orElseThrow();

    ServerLocks.Held lock = locks.acquire(server.id(), "request/1", "PUT hba");
    assertThat(revisions.idleMark(server.id())).isEmpty();
    revisions.appendFound(server.id(), seen, FOUND, List.of(), mark);
    lock.close();
    revisions.appendFound(server.id(), seen, FOUND, List.of(), mark);
    assertThat(revisions.list(server.id(), null, 10)).isEmpty();

    String later = revisions.idleMark(server.id()).orElseThrow();
    revisions.appendFound(server.id(), seen, FOUND, List.of(), later);
    revisions.appendFound(server.id(), seen, FOUND, List.of(), later);
    assertThat(revisions.list(server.id(), null, 10)).hasSize(1);
  }

  private HbaWrite write(String before) {
    return new HbaWrite(
        UUID.randomUUID(),
        server.id(),
        Instant.EPOCH,
        MAIN,
        List.of(new HbaWrite.Part(MAIN, bytes(before), "after", "plain")),
        HbaNote.enforced("ann", List.of(edit(before))));
  }

  private static HbaEdit edit(String before) {
    return new HbaEdit(MAIN, 3, before, "hostssl", "admits plaintext");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(String text) {
    return java.util.HexFormat.of().formatHex(bytes(text));
  }
}
