package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.hba.HbaEdit;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class HbaHistoryTest {

  private static final HbaEdit FIRST = edit(1);
  private static final HbaEdit SECOND = edit(2);
  private static final HbaTree TREE = tree("local all all trust\n");

  private final MemoryStores stores = new MemoryStores();
  private final HbaHistory history = new HbaHistory(stores.revisions);
  private final ManagedServer server = server("orders");

  @Test
  void aServerWithoutHistoryHasNothingOutstanding() {
    assertThat(history.outstandingEdits(server)).isEmpty();
  }

  @Test
  void theEditsOfAConversionStandUntilItIsConvertedBack() {
    enforced(FIRST);
    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);

    relaxed();
    assertThat(history.outstandingEdits(server)).isEmpty();
  }

  @Test
  void theEditsOfTwoConversionsStandInTheOrderInWhichTheyWereMade() {
    enforced(FIRST);
    enforced(SECOND);

    assertThat(history.outstandingEdits(server)).containsExactly(FIRST, SECOND);
  }

  @Test
  void aChangeByHandInBetweenLeavesTheEditsStanding() {
    enforced(FIRST);
    changed();

    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);
  }

  @Test
  void anUndoneConversionStandsNoMoreButTheOneBeforeItDoes() {
    enforced(FIRST);
    enforced(SECOND);
    history.restored(server, "ann", TREE, true);

    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);
  }

  @Test
  void anUndoneConversionBackLetsTheEditsBeforeItStandAgain() {
    enforced(FIRST);
    relaxed();
    history.restored(server, "ann", TREE, false);

    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);
  }

  @Test
  void undosFollowingEachOtherAreTakenInTheirOrder() {
    enforced(FIRST);
    relaxed();
    history.restored(server, "ann", TREE, false);
    enforced(SECOND);
    history.restored(server, "ann", TREE, true);

    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);
  }

  @Test
  void anUndoOfWhatWasNeverRecordedIsNotRecordedEither() {
    enforced(FIRST);
    relaxed();
    history.restored(server, "ann", TREE, true);

    assertThat(history.outstandingEdits(server)).isEmpty();
    assertThat(stores.revisions.list(server.id(), null, 10)).hasSize(2);
  }

  @Test
  void theConversionsOfAnotherServerAreItsOwn() {
    history.append(server("other"), TREE, HbaNote.enforced("ann", List.of(FIRST)));

    assertThat(history.outstandingEdits(server)).isEmpty();
  }

  @Test
  void whatSomebodyElseDidLeavesTheEditsStandingAndAnUndoInItsPlace() {
    enforced(FIRST);
    found("host all all all reject\n");
    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);

    enforced(SECOND);
    history.restored(server, "ann", TREE, true);
    found("host all all all reject\n");
    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);
  }

  @Test
  void afterAnEarlierVersionCameBackTheEditsOfThatTimeStand() {
    changed();
    enforced(FIRST);
    relaxed();
    enforced(SECOND);

    history.append(server, TREE, HbaNote.restored("ann", 2));
    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);
    history.append(server, TREE, HbaNote.restored("ann", 1));
    assertThat(history.outstandingEdits(server)).isEmpty();
    history.append(server, TREE, HbaNote.restored("ann", 5));
    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);
  }

  @Test
  void filesThatAreTheSameAsBeforeAreNotFoundAgain() {
    found("local all all trust\n");
    found("local all all trust\n");
    changed();
    found("local all all reject\n");

    assertThat(stores.revisions.list(server.id(), null, 10))
        .extracting(HbaRevision::kind)
        .containsExactly(HbaRevision.Kind.FOUND, HbaRevision.Kind.CHANGED, HbaRevision.Kind.FOUND);
  }

  @Test
  void filesSeenWhileAnOperationOfOursCameInBetweenAreNotSomebodyElses() {
    String mark = history.mark(server).orElseThrow();
    changed();

    history.seen(server, tree("half written\n"), mark);

    assertThat(stores.revisions.list(server.id(), null, 10)).hasSize(1);
  }

  @Test
  void aHistoryOfManyPagesIsReadToItsEnd() {
    enforced(FIRST);
    for (int i = 0; i < 250; i++) {
      changed();
    }

    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);
  }

  @Test
  void anUndoAtTheEndOfAPageStillCountsForTheNextPage() {
    enforced(FIRST);
    enforced(SECOND);
    history.restored(server, "ann", TREE, true);
    for (int i = 0; i < 99; i++) {
      changed();
    }

    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);
  }

  private void enforced(HbaEdit edit) {
    history.append(server, TREE, HbaNote.enforced("ann", List.of(edit)));
  }

  private void relaxed() {
    history.append(server, TREE, HbaNote.relaxed("ann"));
  }

  private void changed() {
    history.append(server, TREE, HbaNote.changed("ann", "inserted a rule"));
  }

  private void found(String text) {
    history.noticed(server, tree(text));
  }

  private static HbaTree tree(String text) {
    return HbaTree.of("pg_hba.conf", text.getBytes(StandardCharsets.US_ASCII));
  }

  private static HbaEdit edit(int line) {
    return new HbaEdit(
        "pg_hba.conf", line, "host all all all md5", "hostssl all all all md5", "admits plaintext");
  }

  private static ManagedServer server(String name) {
    return new ManagedServer(
        UUID.randomUUID(),
        name,
        "127.0.0.1",
        5432,
        "postgres",
        "postgres",
        ConnectionSslMode.PREFER,
        null,
        List.of(),
        Map.of(),
        null,
        1,
        Instant.EPOCH,
        Instant.EPOCH);
  }
}
