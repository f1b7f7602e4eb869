package dev.pgseal.lifecycle;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.CertificateRecordStore;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobEngine;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.JobStore;
import dev.pgseal.job.Requester;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import dev.pgseal.tls.AuthorityRotationStore;
import dev.pgseal.tls.ClientTrustStore;
import dev.pgseal.tls.RenewalStore;
import dev.pgseal.tls.ServerAccess;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Plans the rotation of an authority over all servers that have to do with it, and starts it. */
@ApplicationScoped
public class RotationService {

  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
  private static final int PAGE = 200;
  private static final List<JobState> UNFINISHED =
      Stream.of(JobState.values()).filter(state -> !state.ended()).toList();

  private final Authorities authorities;
  private final AuthorityRotationStore rotations;
  private final RenewalStore renewals;
  private final ClientTrustStore trusts;
  private final ServerStore servers;
  private final ServerAccess access;
  private final VerifyingStandbys standbys;
  private final ServedCertificates served;
  private final CertificateRecordStore records;
  private final JobStore jobStore;
  private final JobEngine jobs;
  private final ObjectMapper json;

  public RotationService(
      Authorities authorities,
      AuthorityRotationStore rotations,
      RenewalStore renewals,
      ClientTrustStore trusts,
      ServerStore servers,
      ServerAccess access,
      VerifyingStandbys standbys,
      ServedCertificates served,
      CertificateRecordStore records,
      JobStore jobStore,
      JobEngine jobs,
      ObjectMapper json) {
    this.authorities = authorities;
    this.rotations = rotations;
    this.renewals = renewals;
    this.trusts = trusts;
    this.servers = servers;
    this.access = access;
    this.standbys = standbys;
    this.served = served;
    this.records = records;
    this.jobStore = jobStore;
    this.jobs = jobs;
    this.json = json;
  }

  /**
   * @param commonName of the new generation; null for the old one's with a number
   * @param keyType null for the present one
   * @param validity null for that of the old one
   * @param pause wait for {@code :continue} before certificates change and before the old
   *     generation is withdrawn
   * @param ignored servers that cannot be reached and shall not keep the others waiting
   */
  public record Wish(
      @Nullable String commonName,
      @Nullable KeyType keyType,
      @Nullable Duration validity,
      boolean pause,
      Set<String> ignored) {}

  /** The steps, without doing any. */
  public List<JobStep> preview(String authority, Wish wish) {
    return RotationPlan.of(request(authority, wish), wish.pause());
  }

  /**
   * @throws PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE}, {@code SERVER_UNREACHABLE}
   *     for a server of which it is not known whether it is concerned, {@code
   *     OPERATION_IN_PROGRESS}
   */
  public Job start(String authority, Wish wish, String requestedBy) {
    RotationRequest request = request(authority, wish);
    List<UUID> concerned =
        Stream.of(request.serving(), request.trusting(), request.streams().keySet())
            .flatMap(names -> names.stream())
            .distinct()
            .map(name -> access.require(name).id())
            .toList();
    return jobs.submit(
        new JobDraft(
            RotationHandler.KIND,
            json.convertValue(request, OBJECT),
            RotationPlan.of(request, wish.pause()),
            concerned),
        Requester.of(requestedBy));
  }

  private RotationRequest request(String name, Wish wish) {
    StoredAuthority authority = authorities.require(name);
    requireNoOther(name);
    List<X509Certificate> chain = Authorities.chain(authority);
    if (chain.isEmpty()) {
      throw new PgsealException(
          ProblemType.ILLEGAL_STATE, "The key of the authority " + name + " is not here to rotate");
    }
    X509Certificate certificate = chain.get(0);
    requireNoneBelow(authority, certificate);
    Set<UUID> serving = new HashSet<>();
    renewals.list().stream()
        .filter(renewal -> name.equals(renewal.authority()))
        .map(RenewalStore.Renewal::serverId)
        .filter(server -> servesNothingElse(server, name))
        .forEach(serving::add);
    List<ManagedServer> concerned = servers(serving, wish.ignored());
    return new RotationRequest(
        name,
        wish.commonName() != null
            ? wish.commonName()
            : GenerationNames.next(GenerationNames.commonName(certificate)),
        wish.keyType() != null ? wish.keyType() : keyType(certificate),
        wish.validity() != null ? wish.validity() : life(certificate),
        concerned.stream().map(ManagedServer::name).toList(),
        servers(
                new HashSet<>(
                    trusts.ofAuthority(name).stream()
                        .map(ClientTrustStore.ClientTrust::serverId)
                        .toList()),
                wish.ignored())
            .stream()
            .map(ManagedServer::name)
            .toList(),
        standbys.of(concerned, wish.ignored()));
  }

  /** What a rotation left that ended half way is taken over by the next one. */
  private void requireNoOther(String authority) {
    if (rotations.find(authority).isEmpty()) {
      return;
    }
    UNFINISHED.stream()
        .flatMap(state -> jobStore.list(state, null, Map.of(), null, PAGE).stream())
        .filter(job -> job.kind().equals(RotationHandler.KIND))
        .filter(job -> authority.equals(job.request().get("authority")))
        .findFirst()
        .ifPresent(
            job -> {
              throw new PgsealException(
                      ProblemType.ILLEGAL_STATE,
                      "Authority " + authority + " is being rotated already")
                  .with("job", job.id())
                  .hint("Wait for that job to end, or cancel it");
            });
  }

  /** Somebody may have put another certificate there, which is not ours to replace. */
  private boolean servesNothingElse(UUID serverId, String authority) {
    return servers
        .find(serverId)
        .flatMap(served::look)
        .filter(seen -> !isOf(authority, seen.fingerprint()))
        .isEmpty();
  }

  private boolean isOf(String authority, String fingerprint) {
    return records
        .findByFingerprint(fingerprint)
        .filter(record -> authority.equals(record.authority()))
        .isPresent();
  }

  private void requireNoneBelow(StoredAuthority authority, X509Certificate certificate) {
    List<String> below =
        authorities.list(null, Integer.MAX_VALUE).stream()
            .filter(other -> !other.name().equals(authority.name()))
            .filter(other -> Authorities.chain(other).contains(certificate))
            .map(StoredAuthority::name)
            .toList();
    if (!below.isEmpty()) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE,
              "Below %s stand other authorities: %s"
                  .formatted(authority.name(), String.join(", ", below)))
          .with("authorities", below)
          .hint("Make a new root with new intermediates, and move the servers to those");
    }
  }

  private static KeyType keyType(X509Certificate certificate) {
    return KeyType.of(certificate.getPublicKey()).orElse(KeyType.DEFAULT);
  }

  private static Duration life(X509Certificate certificate) {
    return Duration.between(
        certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant());
  }

  private List<ManagedServer> servers(Set<UUID> ids, Set<String> ignored) {
    return ids.stream()
        .map(servers::find)
        .flatMap(Optional::stream)
        .filter(server -> !ignored.contains(server.name()))
        .sorted((a, b) -> a.name().compareTo(b.name()))
        .toList();
  }
}
