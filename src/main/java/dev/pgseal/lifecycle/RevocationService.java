package dev.pgseal.lifecycle;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.RevocationReason;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.CertificateRecord;
import dev.pgseal.issuing.CertificateRecordStore;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobEngine;
import dev.pgseal.job.Requester;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import dev.pgseal.tls.AuthorityGenerations;
import dev.pgseal.tls.ClientTrustStore;
import dev.pgseal.tls.RevocationLists;
import dev.pgseal.tls.RevocationStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Revokes certificates: signs the list that says so, and starts the job that brings it to servers.
 */
@ApplicationScoped
public class RevocationService {

  private static final Logger LOG = Logger.getLogger(RevocationService.class);

  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private final CertificateRecordStore records;
  private final Authorities authorities;
  private final AuthorityGenerations generations;
  private final RevocationStore revocations;
  private final RevocationLists lists;
  private final ClientTrustStore trusts;
  private final ServerStore servers;
  private final JobEngine jobs;
  private final ObjectMapper json;
  private final LifecycleConfig config;
  private final Clock clock;

  public RevocationService(
      CertificateRecordStore records,
      Authorities authorities,
      AuthorityGenerations generations,
      RevocationStore revocations,
      RevocationLists lists,
      ClientTrustStore trusts,
      ServerStore servers,
      JobEngine jobs,
      ObjectMapper json,
      LifecycleConfig config,
      Clock clock) {
    this.records = records;
    this.authorities = authorities;
    this.generations = generations;
    this.revocations = revocations;
    this.lists = lists;
    this.trusts = trusts;
    this.servers = servers;
    this.jobs = jobs;
    this.json = json;
    this.config = config;
    this.clock = clock;
  }

  /**
   * @param listNumber of the CRL that has it
   * @param job that brings it to the servers; null when none takes certificates of the authority
   */
  public record Revoked(
      RevocationStore.Revocation revocation, long listNumber, @Nullable Job job) {}

  /**
   * Idempotent: what was revoked before stays as it was, and the list is brought to the servers
   * again.
   *
   * @throws PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE} when it has expired or the
   *     authority's generation that signed it is gone
   */
  public Revoked revoke(UUID certificateId, RevocationReason reason, String by) {
    CertificateRecord record =
        records
            .find(certificateId)
            .orElseThrow(
                () ->
                    new PgsealException(
                        ProblemType.NOT_FOUND, "There is no certificate " + certificateId));
    if (record.authority() == null) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE,
              "It was not issued by an authority of pgseal, so pgseal cannot revoke it")
          .hint("Ask whoever issued it");
    }
    if (!clock.instant().isBefore(record.notAfter())) {
      throw new PgsealException(
          ProblemType.ILLEGAL_STATE,
          "It expired at " + record.notAfter() + " and is refused anyway");
    }
    revocations.revoke(
        new RevocationStore.Revocation(
            record.authority(),
            issuer(record),
            record.serial(),
            record.id(),
            record.notAfter(),
            clock.instant(),
            reason,
            by));
    long number =
        lists.sign(record.authority(), config.revocationListLife()).stream()
            .mapToLong(RevocationStore.SignedList::number)
            .max()
            .orElseThrow();
    return new Revoked(
        revocations.find(certificateId).orElseThrow(),
        number,
        distribute(record.authority(), by).orElse(null));
  }

  /** Brings the lists to every server that trusts a root of the authority. */
  Optional<Job> distribute(String authority, String by) {
    TrustBundle bundle = generations.requireBundle(authorities.require(authority));
    return distribute(
        authority,
        trusts.list().stream()
            .filter(
                trust ->
                    generations
                        .requireBundle(authorities.require(trust.authority()))
                        .roots()
                        .stream()
                        .anyMatch(bundle.roots()::contains))
            .toList(),
        by);
  }

  Optional<Job> distribute(String authority, List<ClientTrustStore.ClientTrust> to, String by) {
    List<String> names =
        to.stream()
            .map(trust -> servers.find(trust.serverId()))
            .flatMap(Optional::stream)
            .map(ManagedServer::name)
            .toList();
    if (names.isEmpty()) {
      return Optional.empty();
    }
    to.forEach(trust -> trusts.attempted(trust.serverId(), clock.instant()));
    return Optional.of(
        jobs.submit(
            new JobDraft(
                RevocationListHandler.KIND,
                json.convertValue(new DistributionRequest(authority), OBJECT),
                RevocationListHandler.plan(names),
                List.of()),
            Requester.of(by)));
  }

  /** By the authority or one that stands below the same root. */
  boolean anyRevoked(String authority) {
    return generations.family(authorities.require(authority)).stream()
        .anyMatch(member -> revocations.anyRevoked(member.name()));
  }

  private String issuer(CertificateRecord record) {
    List<X509Certificate> chain = Pem.certificates(record.pem());
    StoredAuthority authority = authorities.require(record.authority());
    if (generations.chains(authority).isEmpty()) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE,
              "It was issued by the CA outside that %s stands for, and only that CA can revoke it"
                  .formatted(authority.name()))
          .hint("Ask the CA, then renew the certificate of the server.");
    }
    return generations.chains(authority).stream()
        .map(generation -> generation.get(0))
        .filter(issuer -> new TrustBundle(List.of(issuer)).anchors(List.of(chain.get(0))))
        .findFirst()
        .map(CertificateDescription::fingerprint)
        .orElseThrow(
            () ->
                new PgsealException(
                    ProblemType.ILLEGAL_STATE,
                    "It was signed by an earlier generation of %s, whose key is gone: no list can name it"
                        .formatted(authority.name())));
  }

  /**
   * The CRL that the generation which signs now has signed. Nothing is signed for it, as anybody
   * may ask.
   *
   * @throws PgsealException {@code NOT_FOUND}
   */
  public RevocationStore.SignedList list(String authority) {
    return lists
        .find(authority)
        .orElseThrow(
            () ->
                new PgsealException(
                        ProblemType.NOT_FOUND,
                        "The authority %s has no revocation list".formatted(authority))
                    .with("authority", authority)
                    .hint(
                        "It waits for :complete, is a CA outside, or its certificate lacks the key usage cRLSign. One that has just been made or promoted gets its first list within %s."
                            .formatted(config.checkInterval().plus(config.checkJitter()))));
  }

  /** The first list of an authority that has just been made; the check makes up for a failure. */
  public void begin(StoredAuthority authority) {
    if (!lists.canSign(authority)) {
      return;
    }
    try {
      lists.ensure(authority.name(), config.revocationListLife());
    } catch (RuntimeException e) {
      LOG.warnf(e, "The first revocation list of %s is not signed yet", authority.name());
    }
  }
}
