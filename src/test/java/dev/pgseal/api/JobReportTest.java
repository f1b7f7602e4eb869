package dev.pgseal.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobEvent;
import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepState;
import dev.pgseal.problem.ProblemType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JobReportTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final UUID ID = UUID.randomUUID();

  @Test
  void theTimeOfWaitingForAPersonIsTheTimeBetweenAskingAndAnswering() {
    List<JobEvent> events =
        List.of(
            event(1, 0, "ann", JobState.PENDING),
            event(2, 1, "pgseal", JobState.RUNNING),
            event(3, 5, "pgseal", JobState.AWAITING_APPROVAL),
            event(4, 65, "ben", JobState.RUNNING),
            event(5, 70, "ann", JobState.PAUSED),
            event(6, 80, "ann", JobState.RUNNING),
            event(7, 90, "pgseal", JobState.SUCCEEDED));

    JobReport report =
        JobReports.of(
            job(JobState.SUCCEEDED, at(90), step("db", "DRAIN", StepState.DONE, Map.of())),
            List.of(),
            events,
            at(99));

    assertThat(report.times().waitingForAPersonSeconds()).isEqualTo(70.0);
    assertThat(report.times().totalSeconds()).isEqualTo(90.0);
    assertThat(report.transitions())
        .extracting(JobReport.Transition::actor)
        .containsExactly("ann", "pgseal", "pgseal", "ben", "ann", "ann", "pgseal");
  }

  @Test
  void oneThatStillWaitsHasWaitedUntilNow() {
    JobReport report =
        JobReports.of(
            job(JobState.AWAITING_APPROVAL, null, step("db", "DRAIN", StepState.PENDING, Map.of())),
            List.of(),
            List.of(event(1, 10, "pgseal", JobState.AWAITING_APPROVAL)),
            at(40));

    assertThat(report.times().waitingForAPersonSeconds()).isEqualTo(30.0);
    assertThat(report.summary()).isEqualTo("1 of 1 servers not finished");
    assertThat(report.provedAt()).isNull();
  }

  @Test
  void theEvidenceOfAServerIsGatheredFromItsSteps() {
    JobReport report =
        JobReports.of(
            job(
                JobState.SUCCEEDED,
                at(90),
                step(
                    "db",
                    "PREFLIGHT",
                    StepState.DONE,
                    Map.of("sessionsByEncryption", Map.of("PLAINTEXT", 7))),
                step(
                    "db",
                    "INSTALL_CERTIFICATE",
                    StepState.DONE,
                    Map.of(
                        "fingerprint", "aa",
                        "subjectAltNames", List.of("db.example.org"),
                        "notAfter", "2027-01-01T00:00:00Z",
                        "keyOrigin", "ON_SERVER",
                        "copiedKey", "it was another node's")),
                step(
                    "db",
                    "SECURE_REPLICATION",
                    StepState.DONE,
                    Map.of("sslmode", "verify-ca", "remark", "a name", "tried", List.of("one"))),
                step(
                    "db",
                    "CONVERT_RULES",
                    StepState.DONE,
                    Map.of(
                        "diff", "-host\n+hostssl",
                        "sha256", "bb",
                        "unregisteredStandbys",
                            List.of(
                                Map.of(
                                    "applicationName", "old",
                                    "clientAddress", "10.0.0.9",
                                    "username", "repl")))),
                step(
                    "db",
                    "PROVE_ENFORCED",
                    StepState.DONE,
                    Map.of(
                        "mode", "ENFORCED",
                        "provedAt", "2026-01-01T00:01:00Z",
                        "plaintextLogin", "REFUSED (28000 no entry)",
                        "sessionsByEncryption", Map.of("TLS", 8)))),
            List.of(),
            List.of(),
            at(99));

    JobReport.ServerReport server = report.servers().get(0);
    assertThat(server.outcome()).isEqualTo(JobReport.Outcome.PROVED);
    assertThat(server.mode()).isEqualTo("ENFORCED");
    assertThat(report.provedAt()).isEqualTo(at(60));
    assertThat(server.certificate().fingerprint()).isEqualTo("aa");
    assertThat(server.certificate().installed()).isTrue();
    assertThat(server.certificate().subjectAltNames()).containsExactly("db.example.org");
    assertThat(server.rules())
        .singleElement()
        .satisfies(r -> assertThat(r.sha256()).isEqualTo("bb"));
    assertThat(server.sessions().before()).containsEntry("PLAINTEXT", 7);
    assertThat(server.sessions().after()).containsEntry("TLS", 8);
    assertThat(server.probes())
        .containsExactly(new JobReport.ProbeEvidence("plaintextLogin", "REFUSED (28000 no entry)"));
    assertThat(server.replication().tried()).containsExactly("one");
    assertThat(server.unregisteredStandbys()).containsExactly("old from 10.0.0.9 as repl");
    assertThat(server.remarks()).containsExactly("it was another node's");
    assertThat(server.steps()).allMatch(step -> step.tookSeconds() == 2.0);
  }

  @Test
  void whatWasTakenBackIsNotSaidToBeProved() {
    JobReport report =
        JobReports.of(
            job(
                JobState.ROLLED_BACK,
                at(90),
                step("a", "ENABLE_SSL", StepState.UNDONE, Map.of("mode", "ENFORCED")),
                step("b", "ENABLE_SSL", StepState.FAILED, Map.of()),
                step("c", "ENABLE_SSL", StepState.UNDO_FAILED, Map.of())),
            List.of(),
            List.of(),
            at(99));

    assertThat(report.servers())
        .extracting(JobReport.ServerReport::outcome)
        .containsExactly(
            JobReport.Outcome.UNDONE, JobReport.Outcome.FAILED, JobReport.Outcome.FAILED);
    assertThat(report.servers()).allMatch(s -> s.mode() == null && s.provedAt() == null);
    assertThat(report.summary())
        .isEqualTo("1 of 3 servers as before, and seen so, 2 of 3 servers failed");
  }

  /** {@code :cancel?undo=false} */
  @Test
  void whatACancelWithoutUndoKeptIsLeftAndNotSaidToBeProved() {
    JobReport report =
        JobReports.of(
            cancelled(
                true,
                step("done", "PROVE_OFFERED", StepState.DONE, Map.of("mode", "OFFERED")),
                step("kept", "ENABLE_SSL", StepState.DONE, Map.of("mode", "OFFERED")),
                step("kept", "CONVERT_RULES", StepState.UNDONE, Map.of()),
                step("kept", "PROVE_ENFORCED", StepState.FAILED, Map.of()),
                step("stuck", "ENABLE_SSL", StepState.DONE, Map.of()),
                step("stuck", "CONVERT_RULES", StepState.UNDO_FAILED, Map.of()),
                step("bare", "INSTALL_CERTIFICATE", StepState.UNDONE, Map.of()),
                step("later", "PREFLIGHT", StepState.PENDING, Map.of())),
            List.of(),
            List.of(),
            at(99));

    assertThat(report.servers())
        .extracting(JobReport.ServerReport::server, JobReport.ServerReport::outcome)
        .containsExactly(
            tuple("done", JobReport.Outcome.PROVED),
            tuple("kept", JobReport.Outcome.LEFT),
            tuple("stuck", JobReport.Outcome.FAILED),
            tuple("bare", JobReport.Outcome.UNDONE),
            tuple("later", JobReport.Outcome.UNFINISHED));
    assertThat(report.servers().get(1).mode()).isNull();
    assertThat(report.provedAt()).as("of the whole").isNull();
    assertThat(report.summary()).contains("1 of 5 servers left at the last mode that was proved");
  }

  @Test
  void whatACancelWithUndoLeftDoneIsNotLeft() {
    JobReport report =
        JobReports.of(
            cancelled(
                false,
                step("db", "PREFLIGHT", StepState.DONE, Map.of()),
                step("db", "ENABLE_SSL", StepState.UNDONE, Map.of())),
            List.of(),
            List.of(),
            at(99));

    assertThat(report.servers())
        .extracting(JobReport.ServerReport::outcome)
        .containsExactly(JobReport.Outcome.UNDONE);
  }

  @Test
  void nothingOfAServerOrACallerIsMarkupInThePage() {
    String evil = "<script>alert('1')</script>\"&";
    JobReport report =
        JobReports.of(
            new Job(
                ID,
                "rollout",
                JobState.FAILED,
                Map.of(),
                List.of(
                    step(
                        evil,
                        "CONVERT_RULES",
                        StepState.FAILED,
                        Map.of(
                            "diff", evil,
                            "remarks", List.of(evil),
                            "plaintextLogin", evil,
                            "fingerprint", evil,
                            "sslmode", evil,
                            "copiedKey", evil,
                            "sessionsByEncryption", Map.of(evil, evil)))),
                new JobProblem(ProblemType.SERVER_FAULT, evil, Map.of()),
                evil,
                evil,
                false,
                null,
                new Job.Approval(evil, START),
                null,
                START,
                START,
                START),
            List.of(),
            List.of(event(1, 0, evil, JobState.PENDING)),
            at(99));

    String html = JobReportPage.html(report);

    assertThat(html)
        .contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;")
        .doesNotContain("<script")
        .doesNotContain("alert('1')")
        .contains("<!DOCTYPE html>", "</html>");
  }

  private static Job job(JobState state, @Nullable Instant end, JobStep... steps) {
    return job(state, end, false, steps);
  }

  private static Job cancelled(boolean keeps, JobStep... steps) {
    return job(JobState.CANCELLED, at(90), keeps, steps);
  }

  private static Job job(
      JobState state, @Nullable Instant end, boolean cancelKeeps, JobStep... steps) {
    return new Job(
        ID,
        "rollout",
        state,
        Map.of(),
        List.of(steps),
        null,
        "ann",
        null,
        cancelKeeps,
        null,
        null,
        null,
        START,
        START,
        end);
  }

  private static JobStep step(
      String server, String kind, StepState state, Map<String, Object> observed) {
    return new JobStep(
        0, server, kind, kind + " of " + server, state, observed, null, START, at(2));
  }

  private static JobEvent event(long id, int second, String actor, JobState state) {
    return new JobEvent(ID, id, at(second), "job", actor, Map.of("state", state.name()));
  }

  private static Instant at(int second) {
    return START.plusSeconds(second);
  }
}
