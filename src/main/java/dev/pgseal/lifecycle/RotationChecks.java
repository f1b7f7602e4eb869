package dev.pgseal.lifecycle;

import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.StepResult;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.rollout.StepContext;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import dev.pgseal.tls.AuthorityGenerations;
import dev.pgseal.tls.ClientTrustFiles;
import dev.pgseal.tls.ServerAccess;
import dev.pgseal.tls.StreamTrust;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Looks at all servers of a rotation between its phases. */
@ApplicationScoped
public class RotationChecks {

  private static final int PAGE = 200;

  private final Authorities authorities;
  private final AuthorityGenerations generations;
  private final ServerAccess access;
  private final ServerStore servers;
  private final ClientTrustFiles clientFiles;
  private final StreamTrust streams;
  private final OutstandingCertificates outstanding;
  private final WireProbe wire;

  public RotationChecks(
      Authorities authorities,
      AuthorityGenerations generations,
      ServerAccess access,
      ServerStore servers,
      ClientTrustFiles clientFiles,
      StreamTrust streams,
      OutstandingCertificates outstanding,
      WireProbe wire) {
    this.authorities = authorities;
    this.generations = generations;
    this.access = access;
    this.servers = servers;
    this.clientFiles = clientFiles;
    this.streams = streams;
    this.outstanding = outstanding;
    this.wire = wire;
  }

  /** Both generations are trusted by servers and standbys: read back from each. */
  StepResult trust(StepContext<RotationRequest> context) {
    List<X509Certificate> roots = bundle(context).roots();
    List<String> missing = new ArrayList<>();
    for (String name : context.request().trusting()) {
      try (PostgresSession session = access.fresh(access.require(name))) {
        if (!holds(clientFiles.authorities(session).orElse(""), roots)) {
          missing.add(name + ": ssl_ca_file");
        }
      }
    }
    for (String name : context.request().streams().keySet()) {
      try (PostgresSession session = access.fresh(access.require(name))) {
        if (!holds(streams.trusted(session).orElse(""), roots)) {
          missing.add(name + ": sslrootcert of its stream");
        }
      }
    }
    require(missing, "Not everything trusts both generations");
    return StepResult.done(
        Map.of("clients", context.request().trusting(), "streams", context.request().streams()));
  }

  private static boolean holds(String pem, List<X509Certificate> roots) {
    return !pem.isBlank() && TrustBundle.parse(pem).roots().containsAll(roots);
  }

  /** Every server of the authority serves the new generation's certificate. */
  StepResult served(StepContext<RotationRequest> context) {
    TrustBundle next =
        new TrustBundle(
            List.of(
                generations
                    .chains(authorities.require(context.request().authority()))
                    .get(0)
                    .get(0)));
    Map<String, Object> seen = new HashMap<>();
    List<String> missing = new ArrayList<>();
    for (String name : context.request().serving()) {
      ManagedServer server = access.require(name);
      TlsAnswer answer = wire.tls(server.host(), server.port());
      if (answer instanceof TlsAnswer.Served served && next.anchors(served.chain())) {
        seen.put(name, served.fingerprint());
      } else if (!(answer instanceof TlsAnswer.NotOffered)) {
        missing.add(name);
      }
    }
    require(missing, "Not every server serves the new generation's certificate");
    return StepResult.done(Map.of("fingerprints", seen));
  }

  private static void require(List<String> missing, String detail) {
    if (!missing.isEmpty()) {
      throw new PgsealException(
              ProblemType.CERTIFICATE_NOT_SERVED, detail + ": " + String.join(", ", missing))
          .with("missing", missing);
    }
  }

  /**
   * Waits while any registered server serves a certificate below the old generation, or others of
   * it were handed out; for the latter {@code :continue} takes the responsibility.
   */
  StepResult nothingLeft(StepContext<RotationRequest> context) {
    List<List<X509Certificate>> chains =
        generations.chains(authorities.require(context.request().authority()));
    X509Certificate old = chains.get(chains.size() - 1).get(0);
    List<String> serving = servingBelow(old);
    List<String> handedOut = outstanding.below(context.request().authority(), old);
    Object by = context.step().observed().get(JobExecution.APPROVED_BY);
    Map<String, Object> observed = new HashMap<>();
    observed.put("serversLeft", serving);
    observed.put("certificatesLeft", handedOut);
    if (by != null) {
      observed.put(JobExecution.APPROVED_BY, by);
    }
    if (serving.isEmpty() && (handedOut.isEmpty() || by != null)) {
      return StepResult.done(observed);
    }
    observed.remove(JobExecution.APPROVED_BY);
    observed.put(
        "waitsFor",
        serving.isEmpty()
            ? ":continue, after which these certificates are refused by whoever trusts the new generation alone or checks CRLs"
            : "these servers to serve another certificate, and :continue to look again");
    return StepResult.waiting(observed);
  }

  private List<String> servingBelow(X509Certificate old) {
    TrustBundle below = new TrustBundle(List.of(old));
    List<String> left = new ArrayList<>();
    String after = null;
    List<ManagedServer> page;
    do {
      page = servers.list(Map.of(), after, PAGE);
      for (ManagedServer server : page) {
        after = server.name();
        if (wire.tls(server.host(), server.port()) instanceof TlsAnswer.Served served
            && below.anchors(served.chain())) {
          left.add(server.name());
        }
      }
    } while (page.size() == PAGE);
    return left;
  }

  private TrustBundle bundle(StepContext<RotationRequest> context) {
    return generations.requireBundle(authorities.require(context.request().authority()));
  }

  /** The leaf of a record's PEM. */
  static X509Certificate leaf(String pem) {
    return Pem.certificates(pem).get(0);
  }
}
