package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobState;
import dev.pgseal.job.Requester;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import dev.pgseal.server.TlsMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class JdbiServerStoreTest {

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private final ServerStore servers = DATABASE.servers();

  @Test
  void aServerIsReadAsItWasWritten() {
    ManagedServer server = DATABASE.insertServer("secret", Map.of("env", "prod"));

    assertThat(servers.find(server.id())).contains(server);
    assertThat(servers.find(server.name())).contains(server);
    assertThat(servers.login(server).password()).isEqualTo("secret");
  }

  @Test
  void thePasswordIsSealedForItsOwnRowOnly() {
    ManagedServer server = DATABASE.insertServer("open-sesame", Map.of());
    ManagedServer thief = DATABASE.insertServer("other", Map.of());
    byte[] stored =
        DATABASE
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .select("select password from server where id = ?", server.id())
                        .mapTo(byte[].class)
                        .one());
    DATABASE
        .jdbi()
        .useHandle(
            handle ->
                handle.execute("update server set password = ? where id = ?", stored, thief.id()));

    assertThat(new String(stored, StandardCharsets.ISO_8859_1)).doesNotContain("open-sesame");
    assertThatThrownBy(() -> servers.login(thief)).isInstanceOf(PgsealException.class);
  }

  @Test
  void aTakenNameIsRefused() {
    ManagedServer server = DATABASE.insertServer();

    assertThatThrownBy(() -> servers.insert(server, "secret"))
        .asInstanceOf(InstanceOfAssertFactories.type(PgsealException.class))
        .extracting(PgsealException::type)
        .isEqualTo(ProblemType.NAME_TAKEN);
  }

  @Test
  void listsAreFilteredByAllLabelsAndGoOnAfterAName() {
    Map<String, String> labels = Map.of("env", "list", "team", "a");
    List<String> names =
        List.of(
                DATABASE.insertServer("secret", labels),
                DATABASE.insertServer("secret", labels),
                DATABASE.insertServer("secret", labels))
            .stream()
            .map(ManagedServer::name)
            .sorted()
            .toList();
    DATABASE.insertServer("secret", Map.of("env", "list", "team", "b"));

    assertThat(servers.list(labels, null, 2))
        .extracting(ManagedServer::name)
        .containsExactlyElementsOf(names.subList(0, 2));
    assertThat(servers.list(labels, names.get(1), 2))
        .extracting(ManagedServer::name)
        .containsExactly(names.get(2));
  }

  @Test
  void anUpdateOfAnOldRevisionIsRefused() {
    ManagedServer server = DATABASE.insertServer();

    ManagedServer updated = servers.update(server, null);

    assertThat(updated.revision()).isEqualTo(server.revision() + 1);
    assertThat(servers.login(updated).password()).isEqualTo("secret");
    assertThatThrownBy(() -> servers.update(server, "new"))
        .asInstanceOf(InstanceOfAssertFactories.type(PgsealException.class))
        .extracting(PgsealException::type)
        .isEqualTo(ProblemType.PRECONDITION_FAILED);
    assertThat(servers.login(servers.update(updated, "new")).password()).isEqualTo("new");
  }

  @Test
  void theDesiredModeIsKeptWithoutANewRevision() {
    ManagedServer server = DATABASE.insertServer();

    servers.setDesiredMode(server.id(), TlsMode.ENFORCED);

    ManagedServer stored = servers.find(server.id()).orElseThrow();
    assertThat(stored.desiredMode()).isEqualTo(TlsMode.ENFORCED);
    assertThat(stored.revision()).isEqualTo(server.revision());
  }

  @Test
  void aServerWithAnUnfinishedJobIsNotDeleted() {
    ManagedServer server = DATABASE.insertServer();
    var job =
        DATABASE
            .jobs()
            .insert(
                new JobDraft("rollout", Map.of(), List.of(), List.of(server.id())),
                Requester.of("somebody"));

    assertThatThrownBy(() -> servers.delete(server.id()))
        .isInstanceOf(PgsealException.class)
        .hasMessageContaining(job.id().toString());

    DATABASE.jobs().requestCancel(job.id(), "somebody", true);
    assertThat(servers.delete(server.id())).isTrue();
    assertThat(servers.delete(server.id())).isFalse();
    assertThat(DATABASE.jobs().find(job.id()).orElseThrow().state()).isEqualTo(JobState.CANCELLED);
  }
}
