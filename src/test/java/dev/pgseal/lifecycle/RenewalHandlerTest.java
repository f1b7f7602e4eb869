package dev.pgseal.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobState;
import dev.pgseal.job.MemoryExecution;
import dev.pgseal.job.MemoryExecution.Kill;
import dev.pgseal.job.StepState;
import dev.pgseal.rollout.StepContexts;
import dev.pgseal.rollout.UndoCodec;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.tls.AuthorityGenerations;
import dev.pgseal.tls.CertificateSource;
import dev.pgseal.tls.MemoryStores;
import dev.pgseal.tls.TlsFixture;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A renewal, stopped at each of its checkpoints in turn. */
class RenewalHandlerTest {

  private static final Duration VALIDITY = Duration.ofDays(30);

  private final ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
  private final TlsFixture tls = new TlsFixture();
  private final RenewalsInMemory renewals = new RenewalsInMemory();
  private final RenewalHandler handler =
      new RenewalHandler(
          new StepContexts(tls.access, tls.stores.servers, new UndoCodec()),
          json,
          tls.installer,
          tls.ssl,
          tls.authorities,
          new AuthorityGenerations(
              tls.stores.authorities, new MemoryStores.NoRotations(), tls.clock),
          new RenewalOutcomes(
              tls.stores.servers,
              renewals,
              new ServedCertificates(tls.wire, renewals, tls.clock),
              new SmallRyeConfigBuilder()
                  .withConverter(Duration.class, 200, new DurationConverter())
                  .withMapping(LifecycleConfig.class)
                  .build()
                  .getConfigMapping(LifecycleConfig.class),
              tls.clock));

  private PostgresServer postgres;
  private ManagedServer server;
  private String before;

  @BeforeEach
  void serveTls() {
    postgres = PostgresServer.latest().start();
    server = tls.register("orders", postgres);
    tls.authorities.create("corp", AuthorityProfile.of("Corp CA"));
    tls.install(server, new CertificateSource.FromAuthority("corp"));
    tls.change(server, change -> tls.ssl.enable(change, null));
    before = served();
  }

  @AfterEach
  void close() {
    tls.close();
    postgres.close();
  }

  @ParameterizedTest
  @EnumSource(Kill.class)
  void whereverItIsKilledTheNewCertificateIsServedInTheEndAndTheOldKeyIsGone(Kill kill) {
    MemoryExecution execution = execution(kill);

    Job job = execution.runToTheEnd(handler);

    assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(execution.kills() > 0).isEqualTo(kill != Kill.NEVER);
    assertThat(served())
        .isEqualTo(job.steps().get(0).observed().get("fingerprint"))
        .isNotEqualTo(before);
    assertThat(generations()).hasSize(1);
    assertThat(renewals.outcome(server.id())).isEqualTo("succeeded");
  }

  @ParameterizedTest
  @EnumSource(Kill.class)
  void whereverItIsKilledACancelBringsTheOldCertificateBack(Kill kill) {
    MemoryExecution execution =
        execution(kill).cancelWhen(job -> job.steps().get(0).state() == StepState.DONE);

    Job job = execution.runToTheEnd(handler);

    assertThat(job.state()).isEqualTo(JobState.CANCELLED);
    assertThat(served()).isEqualTo(before);
    assertThat(renewals.outcome(server.id())).startsWith("failed");
  }

  @ParameterizedTest
  @EnumSource(Kill.class)
  void aCancelComesTooLateOnceTheOldKeyIsBeingRemoved(Kill kill) {
    MemoryExecution execution =
        execution(kill).cancelWhen(job -> job.steps().get(2).state() == StepState.RUNNING);

    Job job = execution.runToTheEnd(handler);

    assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(served()).isEqualTo(job.steps().get(0).observed().get("fingerprint"));
    assertThat(generations()).hasSize(1);
  }

  private MemoryExecution execution(Kill kill) {
    Map<String, Object> request =
        json.convertValue(
            new RenewalRequest("orders", "corp", KeyType.DEFAULT, VALIDITY),
            new TypeReference<>() {});
    return new MemoryExecution(
        new Job(
            UUID.randomUUID(),
            RenewalHandler.KIND,
            JobState.PENDING,
            request,
            RenewalHandler.plan("orders"),
            null,
            "ann",
            null,
            null,
            null,
            null,
            Instant.now(),
            null,
            null),
        kill);
  }

  private String served() {
    return tls.served(postgres);
  }

  private List<Path> generations() {
    Path directory = postgres.dataDirectory().resolve("pgseal/certificates");
    try (Stream<Path> all = Files.list(directory)) {
      return all.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
