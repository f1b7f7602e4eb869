package dev.pgseal.issuing;

import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.ClientCertificateRequest;
import dev.pgseal.certificate.Finding;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.RequestKey;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.certificate.SigningRequest;
import dev.pgseal.issuing.CertificateOrder.Holder;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Issues certificates and records each before anybody gets it. */
@ApplicationScoped
public class Issuing {

  private final Authorities authorities;
  private final Issuers issuers;
  private final CertificateRecords records;
  private final Clock clock;

  public Issuing(
      Authorities authorities, Issuers issuers, CertificateRecords records, Clock clock) {
    this.authorities = authorities;
    this.issuers = issuers;
    this.records = records;
    this.clock = clock;
  }

  /**
   * @param key the private key when it was made here; it is kept nowhere else
   */
  public record Outcome(
      CertificateRecord certificate, @Nullable KeyMaterial key, List<Finding> warnings) {
    public Outcome {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Refuses what {@link #issue} would refuse; nothing is kept, and nobody outside is asked.
   *
   * @return the warnings that it would come with
   */
  public List<Finding> check(CertificateOrder order) {
    RequestKey key = key(order);
    List<Finding> warnings = new ArrayList<>(lint(order, key));
    StoredAuthority authority = authorities.require(order.authority());
    if (order.holder() instanceof Holder.Server server) {
      warnings.addAll(issuers.open(authority).check(serverRequest(authority, order, server), key));
    } else if (order.holder() instanceof Holder.Client client) {
      warnings.addAll(issueClient(authority, order, client, key).warnings());
    }
    return warnings;
  }

  /**
   * @throws dev.pgseal.problem.PgsealException {@code NOT_FOUND}, {@code VALIDATION_FAILED}, {@code
   *     CERTIFICATE_INVALID}, {@code POLICY_VIOLATION}, {@code ILLEGAL_STATE}, {@code ISSUER_FAULT}
   */
  public Outcome issue(CertificateOrder order) {
    RequestKey key = key(order);
    List<Finding> warnings = new ArrayList<>(lint(order, key));
    IssuedCertificate issued = issue(order, key);
    warnings.addAll(issued.warnings());
    CertificateRecord record =
        records.issued(
            order.holder() instanceof Holder.Client
                ? CertificatePurpose.CLIENT
                : CertificatePurpose.SERVER,
            order.authority(),
            serverId(order),
            issued.describe(),
            issued.chainPem(),
            order.requestedBy());
    return new Outcome(record, key instanceof RequestKey.Here here ? here.key() : null, warnings);
  }

  private IssuedCertificate issue(CertificateOrder order, RequestKey key) {
    StoredAuthority authority = authorities.require(order.authority());
    if (order.holder() instanceof Holder.Client client) {
      return issueClient(authority, order, client, key);
    }
    Holder.Server server = (Holder.Server) order.holder();
    return issuers.open(authority).issueServer(serverRequest(authority, order, server), key);
  }

  private IssuedCertificate issueClient(
      StoredAuthority authority, CertificateOrder order, Holder.Client client, RequestKey key) {
    ClientCertificateRequest request =
        new ClientCertificateRequest(
            client.commonName(), validity(authority, order), order.keyType());
    return authorities.open(authority).issueClient(request, key.publicKey(), clock);
  }

  private static ServerCertificateRequest serverRequest(
      StoredAuthority authority, CertificateOrder order, Holder.Server server) {
    return new ServerCertificateRequest(
        server.endpoints(),
        validity(authority, order),
        order.keyType(),
        server.legacyIpNames(),
        order.accepted());
  }

  private static Duration validity(StoredAuthority authority, CertificateOrder order) {
    if (order.validity() != null) {
      return order.validity();
    }
    AuthorityPolicy policy = authority.policy();
    Duration usual = ServerCertificateRequest.DEFAULT_VALIDITY;
    return policy.maxValidity().compareTo(usual) < 0 ? policy.maxValidity() : usual;
  }

  private static RequestKey key(CertificateOrder order) {
    return order.csrPem() == null
        ? new RequestKey.Here(order.keyType().generate())
        : new RequestKey.Elsewhere(SigningRequest.parse(order.csrPem()));
  }

  private static List<Finding> lint(CertificateOrder order, RequestKey key) {
    if (!(key instanceof RequestKey.Elsewhere elsewhere)) {
      return List.of();
    }
    return order.holder() instanceof Holder.Server server
        ? elsewhere.request().lint(server.endpoints())
        : elsewhere.request().lintClient(((Holder.Client) order.holder()).commonName());
  }

  private static @Nullable UUID serverId(CertificateOrder order) {
    return order.holder() instanceof Holder.Server server ? server.serverId() : null;
  }
}
