package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobEvent;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobExecution.FencedOffException;
import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.JobStore;
import dev.pgseal.job.Requester;
import dev.pgseal.job.StepState;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerLocks;
import dev.pgseal.server.TlsMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class JdbiJobStoreTest {

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private final JobStore jobs = DATABASE.jobs();
  private final ManagedServer server = DATABASE.insertServer();

  @Test
  void aJobIsReadAsItWasAccepted() {
    Job job = insert();

    assertThat(job.state()).isEqualTo(JobState.PENDING);
    assertThat(job.request()).isEqualTo(Map.of("mode", "ENFORCED", "retries", 3));
    assertThat(job.steps()).extracting(JobStep::kind).containsExactly("FIRST", "SECOND");
    assertThat(jobs.find(job.id())).contains(job);
    assertThat(jobs.events(job.id(), 0, 10))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.actor()).isEqualTo("somebody");
              assertThat(event.data()).containsEntry("state", "PENDING");
            });
  }

  @Test
  void aServerIsInOneUnfinishedJobOnly() {
    Job first = insert();

    assertThatThrownBy(this::insert)
        .isInstanceOf(PgsealException.class)
        .hasMessageContaining(first.id().toString())
        .hasMessageContaining(server.name());

    jobs.execution(first.id(), jobs.claim(first.id()).orElseThrow()).end(JobState.SUCCEEDED, null);
    assertThat(insert().state()).isEqualTo(JobState.PENDING);
  }

  @Test
  void everyCheckpointOfAnExecutionThatWasTakenOverIsRefused() {
    Job job = insert();
    JobExecution old = claim(job);
    old.stepRunning(0);
    JobExecution current = claim(job);
    List<JobEvent> before = jobs.events(job.id(), 0, 100);

    assertThatThrownBy(() -> old.stepRunning(0)).isInstanceOf(FencedOffException.class);
    assertThatThrownBy(() -> old.stepEnded(0, StepState.DONE, Map.of(), null))
        .isInstanceOf(FencedOffException.class);
    assertThatThrownBy(() -> old.recordUndo(0, "{}")).isInstanceOf(FencedOffException.class);
    assertThatThrownBy(() -> old.note(0, "x", Map.of())).isInstanceOf(FencedOffException.class);
    assertThatThrownBy(() -> old.end(JobState.FAILED, null)).isInstanceOf(FencedOffException.class);
    assertThatThrownBy(old::cancelRequested).isInstanceOf(FencedOffException.class);
    assertThat(jobs.events(job.id(), 0, 100)).isEqualTo(before);
    assertThat(current.cancelRequested()).isFalse();
  }

  @Test
  void whatWorkedOnAServerAfterItsJobFollowsTheJob() {
    Job job = insert();
    try (ServerLocks.Held lock =
        DATABASE.locks().acquire(server.id(), "job/" + job.id(), "rollout")) {
      assertThat(jobs.followed(job.id())).isFalse();
    }
    claim(job).end(JobState.FAILED, null);
    assertThat(jobs.followed(job.id())).isFalse();

    DATABASE.locks().acquire(server.id(), "request/1", "PUT ssl").close();

    assertThat(jobs.followed(job.id())).isTrue();
  }

  @Test
  void aLeaseThatIsGivenBackAfterItsJobEndedIsNoWorkOnTheServer() {
    Job job = insert();
    ServerLocks.Held frozen = DATABASE.locks().acquire(server.id(), "job/" + job.id(), "rollout");
    claim(job).end(JobState.FAILED, null);

    frozen.close();

    assertThat(jobs.followed(job.id())).isFalse();
  }

  /** It slept while somebody took its rollout back and asked for something else. */
  @Test
  void howTheServersOfAJobShallBeIsNotSaidByAnExecutionThatWasTakenOver() {
    Job job = insert();
    JobExecution frozen = claim(job);

    claim(job).desireMode("OFFERED");

    assertThatThrownBy(() -> frozen.desireMode("ENFORCED")).isInstanceOf(FencedOffException.class);
    assertThat(DATABASE.servers().find(server.id()).orElseThrow().desiredMode())
        .isEqualTo(TlsMode.OFFERED);
  }

  @Test
  void eventsAreNumberedWithoutGaps() {
    Job job = insert();
    JobExecution execution = claim(job);
    execution.stepRunning(0);
    execution.note(0, "waiting", Map.of("sessions", 2));
    execution.stepEnded(0, StepState.DONE, Map.of("fingerprint", "ab"), null);
    execution.end(JobState.SUCCEEDED, null);

    List<JobEvent> events = jobs.events(job.id(), 0, 100);
    assertThat(events)
        .extracting(JobEvent::id)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 6).boxed().toList());
    assertThat(events)
        .extracting(JobEvent::type)
        .containsExactly("job", "job", "step", "note", "step", "job");
    assertThat(events.get(4).data())
        .containsEntry("state", "DONE")
        .containsEntry("server", server.name());
    assertThat(jobs.events(job.id(), 4, 1)).extracting(JobEvent::id).containsExactly(5L);
    assertThat(jobs.lastEventIds(List.of(job.id(), UUID.randomUUID())))
        .isEqualTo(Map.of(job.id(), 6L));
  }

  @Test
  void theFirstUndoOfAStepStaysAndIsSealed() {
    Job job = insert();
    JobExecution execution = claim(job);
    execution.recordUndo(0, "{\"hba\": \"original\"}");
    execution.recordUndo(0, "{\"hba\": \"half way\"}");

    assertThat(claim(job).undo(0)).contains("{\"hba\": \"original\"}");
    assertThat(claim(job).undo(1)).isEmpty();
    byte[] stored =
        DATABASE
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .select(
                            "select undo from job_step where job_id = ? and position = 0", job.id())
                        .mapTo(byte[].class)
                        .one());
    assertThat(new String(stored, StandardCharsets.ISO_8859_1)).doesNotContain("original");
  }

  @Test
  void aJobThatHasNotBegunIsPausedAtOnceAndNobodyTakesIt() {
    Job job = insert();

    Job paused = jobs.pause(job.id(), "ann");

    assertThat(paused.state()).isEqualTo(JobState.PAUSED);
    assertThat(paused.paused().by()).isEqualTo("ann");
    assertThat(jobs.waits(job.id())).contains(Duration.ZERO);
    assertThat(jobs.claim(job.id())).isEmpty();
    assertThat(jobs.pause(job.id(), "bob")).as("once is enough").isEqualTo(paused);

    Job resumed = jobs.resume(job.id(), "bob");

    assertThat(resumed.state()).isEqualTo(JobState.PENDING);
    assertThat(resumed.paused()).isNull();
    assertThat(jobs.waits(job.id())).isEmpty();
    assertThat(claim(job).pauses()).isFalse();
    assertThat(transitions(job))
        .containsExactly("somebody PENDING", "ann PAUSED", "bob PENDING", "pgseal RUNNING");
    assertConflict(() -> jobs.resume(job.id(), "bob"), "is not paused: RUNNING");
  }

  @Test
  void aRunningStepIsLetToItsEndAndTheJobIsPausedBeforeTheNext() {
    Job job = insert();
    JobExecution execution = claim(job);
    execution.stepRunning(0);

    Job asked = jobs.pause(job.id(), "ann");

    assertThat(asked.state()).isEqualTo(JobState.RUNNING);
    assertThat(asked.paused().by()).isEqualTo("ann");
    execution.stepEnded(0, StepState.DONE, Map.of(), null);
    assertThat(execution.pauses()).isTrue();
    assertThat(jobs.find(job.id()).orElseThrow().state()).isEqualTo(JobState.PAUSED);
    assertThat(transitions(job))
        .containsExactly("somebody PENDING", "pgseal RUNNING", "ann PAUSED");
    assertThat(jobs.events(job.id(), 0, 10))
        .filteredOn(event -> event.type().equals("note"))
        .singleElement()
        .satisfies(event -> assertThat(event.actor()).isEqualTo("ann"));

    assertThat(jobs.resume(job.id(), "bob").state()).isEqualTo(JobState.RUNNING);
    assertThat(claim(job).pauses()).isFalse();
  }

  @Test
  void aWishToPauseCanBeTakenBackBeforeTheStepIsDone() {
    Job job = insert();
    JobExecution execution = claim(job);
    execution.stepRunning(0);
    jobs.pause(job.id(), "ann");

    assertThat(jobs.resume(job.id(), "bob").paused()).isNull();

    execution.stepEnded(0, StepState.DONE, Map.of(), null);
    assertThat(execution.pauses()).isFalse();
  }

  @Test
  void aStepThatWaitsForATimeStaysParkedWhileTheJobIsPaused() {
    Job parkedFirst = insert();
    JobExecution first = claim(parkedFirst);
    first.stepRunning(0);
    first.runAgain(0, Map.of("seen", 1), Duration.ofHours(1));
    assertThat(jobs.pause(parkedFirst.id(), "ann").state()).isEqualTo(JobState.PAUSED);
    assertThat(jobs.waits(parkedFirst.id())).contains(Duration.ZERO);

    jobs.resume(parkedFirst.id(), "ann");

    assertThat(jobs.waits(parkedFirst.id()).orElseThrow())
        .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
    jobs.requestCancel(parkedFirst.id(), "ann", true);
    claim(parkedFirst).end(JobState.CANCELLED, null);

    Job pausedFirst = insert();
    JobExecution second = claim(pausedFirst);
    second.stepRunning(0);
    jobs.pause(pausedFirst.id(), "ann");
    second.runAgain(0, Map.of("seen", 1), Duration.ofHours(1));

    assertThat(jobs.find(pausedFirst.id()).orElseThrow().state()).isEqualTo(JobState.PAUSED);
    assertThat(jobs.claim(pausedFirst.id())).isEmpty();
  }

  @Test
  void aPausedJobCanBeCancelledAndIsPausedNoMore() {
    Job begun = insert();
    JobExecution execution = claim(begun);
    execution.stepRunning(0);
    execution.stepEnded(0, StepState.DONE, Map.of(), null);
    jobs.pause(begun.id(), "ann");
    assertThat(execution.pauses()).isTrue();

    Job cancelling = jobs.requestCancel(begun.id(), "bob", true);

    assertThat(cancelling.state()).isEqualTo(JobState.CANCELLING);
    assertThat(cancelling.paused()).isNull();
    assertConflict(() -> jobs.pause(begun.id(), "ann"), "was cancelled");
    assertThat(jobs.waits(begun.id())).isEmpty();
    JobExecution back = claim(begun);
    assertThat(back.pauses()).isFalse();
    back.end(JobState.CANCELLED, null);
    assertConflict(() -> jobs.pause(begun.id(), "ann"), "has already ended: CANCELLED");
    assertConflict(() -> jobs.resume(begun.id(), "ann"), "is not paused: CANCELLED");

    Job notBegun = insert();
    jobs.pause(notBegun.id(), "ann");
    assertThat(jobs.requestCancel(notBegun.id(), "bob", true).state())
        .isEqualTo(JobState.CANCELLED);
  }

  @Test
  void aJobOfWhichAStepFailedIsNotPausedAndAWishFromBeforeIsForgottenAtItsEnd() {
    Job job = insert();
    JobExecution execution = claim(job);
    execution.stepRunning(0);
    jobs.pause(job.id(), "ann");
    execution.stepEnded(0, StepState.FAILED, Map.of(), null);

    assertConflict(() -> jobs.pause(job.id(), "ann"), "has failed");

    execution.end(JobState.ROLLED_BACK, null);
    assertThat(jobs.find(job.id()).orElseThrow().paused()).isNull();
  }

  @Test
  void aJobThatWaitsForSomebodyIsNotPausedButAWishFromBeforeHoldsAfterTheApproval() {
    Job waiting = insert();
    JobExecution execution = claim(waiting);
    execution.stepRunning(0);
    execution.awaitApproval(0, Map.of());
    assertConflict(() -> jobs.pause(waiting.id(), "ann"), "waits for somebody");
    assertThatThrownBy(() -> jobs.resume(waiting.id(), "ann"))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> assertThat(String.valueOf(e.members().get("hint"))).contains(":continue"));
    jobs.proceed(waiting.id(), "ann");
    JobExecution again = claim(waiting);
    jobs.pause(waiting.id(), "ann");
    again.awaitApproval(0, Map.of());
    assertThat(jobs.find(waiting.id()).orElseThrow().state()).isEqualTo(JobState.AWAITING_APPROVAL);

    assertThat(jobs.proceed(waiting.id(), "bob").state()).isEqualTo(JobState.PAUSED);

    assertThat(jobs.resume(waiting.id(), "ann").state()).isEqualTo(JobState.RUNNING);
    assertThat(jobs.find(waiting.id()).orElseThrow().steps().get(0).observed())
        .containsEntry(JobExecution.APPROVED_BY, "bob");
  }

  private List<String> transitions(Job job) {
    return jobs.events(job.id(), 0, 100).stream()
        .filter(event -> event.type().equals("job"))
        .map(event -> event.actor() + " " + event.data().get("state"))
        .toList();
  }

  private static void assertConflict(ThrowingCallable call, String words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PgsealException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.ILLEGAL_STATE))
        .hasMessageContaining(words);
  }

  @Test
  void aFailedStepKeepsItsProblemWhenItIsTakenBack() {
    Job job = insert();
    JobExecution execution = claim(job);
    JobProblem problem =
        new JobProblem(ProblemType.SSL_NOT_TAKEN, "no", Map.of("server", server.name()));
    execution.stepRunning(0);
    execution.stepEnded(0, StepState.FAILED, Map.of("served", "N"), problem);
    execution.stepEnded(0, StepState.UNDONE, Map.of("ssl", "off"), null);
    execution.end(JobState.ROLLED_BACK, problem);

    Job ended = jobs.find(job.id()).orElseThrow();
    assertThat(ended.problem()).isEqualTo(problem);
    assertThat(ended.finishedAt()).isNotNull();
    assertThat(ended.steps().get(0).problem()).isEqualTo(problem);
    assertThat(ended.steps().get(0).observed()).isEqualTo(Map.of("served", "N", "ssl", "off"));
  }

  @Test
  void aPendingJobIsCancelledAtOnceAndNeverClaimed() {
    Job job = insert();

    Job cancelled = jobs.requestCancel(job.id(), "operator", true);

    assertThat(cancelled.state()).isEqualTo(JobState.CANCELLED);
    assertThat(cancelled.cancelledBy()).isEqualTo("operator");
    assertThat(jobs.claim(job.id())).isEmpty();
    assertThatThrownBy(() -> jobs.requestCancel(job.id(), "operator", true))
        .isInstanceOf(PgsealException.class)
        .hasMessageContaining("CANCELLED");
  }

  @Test
  void aRunningJobSeesThatItIsCancelledAlsoAfterItWasTakenOver() {
    Job job = insert();
    JobExecution execution = claim(job);
    assertThat(execution.cancelRequested()).isFalse();

    assertThat(jobs.requestCancel(job.id(), "operator", true).state())
        .isEqualTo(JobState.CANCELLING);
    assertThat(jobs.requestCancel(job.id(), "other", true).cancelledBy()).isEqualTo("operator");

    assertThat(execution.cancelRequested()).isTrue();
    assertThat(claim(job).cancelRequested()).isTrue();
  }

  @Test
  void jobsAreListedNewestFirst() {
    Job first = insert();
    jobs.requestCancel(first.id(), "operator", true);
    Job second = insert();

    assertThat(jobs.list(null, null, Map.of(), null, 2))
        .extracting(Job::id)
        .containsExactly(second.id(), first.id());
    assertThat(jobs.list(null, null, Map.of(), second.id(), 1))
        .extracting(Job::id)
        .containsExactly(first.id());
    assertThat(jobs.list(JobState.PENDING, null, Map.of(), null, 1))
        .singleElement()
        .satisfies(job -> assertThat(job.steps()).hasSize(2));
  }

  @Test
  void aJobIsThereForWhoMaySeeAllItsServers() {
    Map<String, String> scope = Map.of("scope", UUID.randomUUID().toString());
    ManagedServer inside = DATABASE.insertServer("secret", scope);
    ManagedServer alsoInside = DATABASE.insertServer("secret", scope);
    Job mine = insert(List.of(inside), inside.name());
    Job mixed = insert(List.of(alsoInside, server), alsoInside.name(), server.name());
    Job withoutReservation = insert(List.of(), inside.name());
    ManagedServer third = DATABASE.insertServer("secret", scope);
    Job withAStepOfTheFleet = insert(List.of(third), third.name(), null);
    Job ofAnother = insert(List.of(DATABASE.insertServer()), "db1");

    assertThat(jobs.list(null, null, scope, null, 10))
        .extracting(Job::id)
        .containsExactly(mine.id());
    assertThat(jobs.find(mine.id(), scope)).contains(jobs.find(mine.id()).orElseThrow());
    for (Job hidden : List.of(mixed, withoutReservation, withAStepOfTheFleet, ofAnother)) {
      assertThat(jobs.find(hidden.id(), scope)).isEmpty();
      assertThat(jobs.find(hidden.id(), Map.of())).isPresent();
    }
  }

  @Test
  void aJobOfAServerThatIsGoneIsNotThereForWhoeverHasOneOfTheSameName() {
    Map<String, String> scope = Map.of("scope", UUID.randomUUID().toString());
    ManagedServer gone = DATABASE.insertServer("secret", scope);
    ManagedServer other = DATABASE.insertServer("secret", scope);
    Job job = insert(List.of(gone, other), gone.name(), other.name());
    assertThat(jobs.find(job.id(), scope)).isPresent();
    jobs.requestCancel(job.id(), "operator", true);

    DATABASE.servers().delete(gone.id());

    assertThat(jobs.find(job.id(), scope)).isEmpty();
  }

  private Job insert(List<ManagedServer> servers, String... ofSteps) {
    List<JobStep> steps =
        IntStream.range(0, ofSteps.length)
            .mapToObj(
                i ->
                    new JobStep(
                        i,
                        ofSteps[i],
                        "STEP",
                        "Step",
                        StepState.PENDING,
                        Map.of(),
                        null,
                        null,
                        null))
            .toList();
    return jobs.insert(
        new JobDraft("rollout", Map.of(), steps, servers.stream().map(ManagedServer::id).toList()),
        Requester.of("somebody"));
  }

  private JobExecution claim(Job job) {
    return jobs.execution(job.id(), jobs.claim(job.id()).orElseThrow());
  }

  private Job insert() {
    return jobs.insert(
        new JobDraft(
            "rollout",
            Map.of("mode", "ENFORCED", "retries", 3),
            List.of(step(0, "FIRST"), step(1, "SECOND")),
            List.of(server.id())),
        Requester.of("somebody"));
  }

  private JobStep step(int position, String kind) {
    return new JobStep(
        position, server.name(), kind, "Does it", StepState.PENDING, Map.of(), null, null, null);
  }
}
