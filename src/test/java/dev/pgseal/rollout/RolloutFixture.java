package dev.pgseal.rollout;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.pgseal.job.ChildJobs;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStore;
import dev.pgseal.job.MemoryExecution;
import dev.pgseal.job.NoEngine;
import dev.pgseal.job.Requester;
import dev.pgseal.postgres.Replication;
import dev.pgseal.tls.TlsFixture;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.util.TypeLiteral;
import java.lang.annotation.Annotation;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;

/** Rollouts wired by hand over {@link TlsFixture}, the real steps included. */
final class RolloutFixture implements AutoCloseable {

  final TlsFixture tls = new TlsFixture();
  final ObjectMapper json =
      new ObjectMapper().registerModule(new Jdk8Module()).registerModule(new JavaTimeModule());
  private final StepDeadlines deadlines = new StepDeadlines();
  final RolloutHandler handler =
      new RolloutHandler(
          new StepContexts(tls.access, tls.stores.servers, new UndoCodec()),
          json,
          deadlines,
          new Steps(
              List.of(
                  new WindowStep(tls.clock),
                  new PreflightStep(tls.preflight, tls.connections, tls.twins),
                  new CertificateStep(tls.installer, tls.twins),
                  new SslStep(tls.ssl),
                  new ReplicationStep(tls.replication, tls.trust),
                  new ObserveStep(
                      tls.connections,
                      tls.drain,
                      tls.conversion,
                      tls.refused,
                      tls.forecast,
                      new ReplicationReport(new Replication())),
                  new DrainStep(tls.connections, tls.drain, tls.refused, Duration.ofSeconds(3)),
                  new RulesSteps(
                      tls.conversion,
                      tls.rules,
                      tls.undo,
                      tls.history,
                      tls.logins,
                      tls.connections,
                      tls.refused,
                      tls.stores.exemptions),
                  new ProofSteps(
                      tls.states,
                      new StragglerWait(tls.stragglers, tls.rules, tls.refused),
                      tls.connections))));
  final RolloutService service =
      new RolloutService(
          tls.access,
          tls.stores.servers,
          new StandbyDiscovery(tls.access, tls.facts, new Replication()),
          tls.connections,
          tls.preflight,
          tls.conversion,
          tls.refused,
          tls.authorities,
          new ApprovalPolicy(List.of()),
          new OnlyMakes(),
          new RolloutDrafts(json));

  /** The job that the service plans now, to be run by {@link #handler}. */
  MemoryExecution execution(RolloutRequest request, MemoryExecution.Kill kill) {
    return new MemoryExecution(service.start(request, Requester.of("ann")), kill);
  }

  RolloutRetry retry(JobStore jobs, ChildJobs children) {
    return new RolloutRetry(jobs, service, children, json);
  }

  @Override
  public void close() {
    deadlines.close();
    tls.close();
  }

  /** Only makes the job. */
  private static final class OnlyMakes extends NoEngine {
    @Override
    public Job submit(JobDraft draft, Requester requestedBy) {
      return new Job(
          UUID.randomUUID(),
          draft.kind(),
          JobState.PENDING,
          draft.request(),
          draft.steps(),
          null,
          requestedBy.name(),
          null,
          false,
          null,
          null,
          null,
          Instant.now(),
          null,
          null);
    }
  }

  /** As CDI would inject them. */
  private record Steps(List<RolloutStep> all) implements Instance<RolloutStep> {
    @Override
    public Iterator<RolloutStep> iterator() {
      return all.iterator();
    }

    @Override
    public RolloutStep get() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Instance<RolloutStep> select(Annotation... qualifiers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <U extends RolloutStep> Instance<U> select(Class<U> type, Annotation... qualifiers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <U extends RolloutStep> Instance<U> select(
        TypeLiteral<U> type, Annotation... qualifiers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isUnsatisfied() {
      return all.isEmpty();
    }

    @Override
    public boolean isAmbiguous() {
      return all.size() > 1;
    }

    @Override
    public void destroy(RolloutStep instance) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Handle<RolloutStep> getHandle() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Iterable<? extends Handle<RolloutStep>> handles() {
      throw new UnsupportedOperationException();
    }
  }
}
