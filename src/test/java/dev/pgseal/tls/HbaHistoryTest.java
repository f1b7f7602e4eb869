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
    history.restored(server, "ann", bytes(), true);

    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);
  }

  @Test
  void anUndoneConversionBackLetsTheEditsBeforeItStandAgain() {
    enforced(FIRST);
    relaxed();
    history.restored(server, "ann", bytes(), false);

    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);
  }

  @Test
  void undosFollowingEachOtherAreTakenInTheirOrder() {
    enforced(FIRST);
    relaxed();
    history.restored(server, "ann", bytes(), false);
    enforced(SECOND);
    history.restored(server, "ann", bytes(), true);

    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);
  }

  @Test
  void anUndoOfWhatWasNeverRecordedIsNotRecordedEither() {
    enforced(FIRST);
    relaxed();
    history.restored(server, "ann", bytes(), true);

    assertThat(history.outstandingEdits(server)).isEmpty();
    assertThat(stores.revisions.list(server.id(), null, 10)).hasSize(2);
  }

  @Test
  void theConversionsOfAnotherServerAreItsOwn() {
    history.enforced(server("other"), "ann", applied(), List.of(FIRST));

    assertThat(history.outstandingEdits(server)).isEmpty();
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
    history.restored(server, "ann", bytes(), true);
    for (int i = 0; i < 99; i++) {
      changed();
    }

    assertThat(history.outstandingEdits(server)).containsExactly(FIRST);
  }

  private void enforced(HbaEdit edit) {
    history.enforced(server, "ann", applied(), List.of(edit));
  }

  private void relaxed() {
    history.relaxed(server, "ann", bytes());
  }

  private void changed() {
    history.changed(server, "ann", applied(), "inserted a rule");
  }

  private static RulesChange.Applied applied() {
    return new RulesChange.Applied(bytes(), "sha", 1, Instant.EPOCH);
  }

  private static byte[] bytes() {
    return "local all all trust\n".getBytes(StandardCharsets.US_ASCII);
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
