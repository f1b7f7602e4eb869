package dev.pgseal.acme;

import dev.pgseal.certificate.Finding;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.OutsideIssuerCheck;
import dev.pgseal.certificate.RequestKey;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.certificate.SubjectAltNames;
import dev.pgseal.issuing.CertificateIssuer;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.shredzone.acme4j.Certificate;
import org.shredzone.acme4j.Identifier;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.OrderBuilder;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.exception.AcmeException;

/** Orders server certificates with one account (RFC 8555 §7.4). */
final class AcmeIssuer implements CertificateIssuer {

  private static final Set<Status> READY = EnumSet.of(Status.READY, Status.VALID, Status.INVALID);
  private static final Set<Status> DONE = EnumSet.of(Status.VALID, Status.INVALID);

  private final AcmeAccount account;
  private final OutsideIssuerCheck check;
  private final AcmeConfig config;
  private final Clock clock;

  AcmeIssuer(AcmeAccount account, OutsideIssuerCheck check, AcmeConfig config, Clock clock) {
    this.account = account;
    this.check = check;
    this.config = config;
    this.clock = clock;
  }

  @Override
  public List<Finding> check(ServerCertificateRequest request, RequestKey key) {
    key.requestFor(check.requireAllowed(request, key.publicKey()));
    return check.forecast(request);
  }

  @Override
  public IssuedCertificate issueServer(ServerCertificateRequest request, RequestKey key) {
    SubjectAltNames names = check.requireAllowed(request, key.publicKey());
    byte[] csr = key.requestFor(names);
    List<X509Certificate> chain =
        AcmeFaults.asking(
            account.directory(), "issue for " + names.texts(), () -> order(names, csr));
    return check.accept(chain, request, key.publicKey());
  }

  private List<X509Certificate> order(SubjectAltNames names, byte[] csr) throws AcmeException {
    Polling polling = new Polling(account.directory(), clock, config.orderTimeout());
    Session session = AcmeSessions.open(account.directory(), account.directoryRoots(), config);
    Login login = session.login(account.locationUrl(), account.key());
    Order order = newOrder(login, names);
    new NameAuthorization(account, config, polling).authorize(order);
    require(order, polling.await(order, READY, "order"), names);
    if (order.getStatus() == Status.READY) {
      order.execute(csr);
    }
    require(order, polling.await(order, DONE, "order"), names);
    return download(order.getCertificate());
  }

  private static Order newOrder(Login login, SubjectAltNames names) throws AcmeException {
    OrderBuilder order = login.newOrder();
    names.dnsNames().forEach(name -> order.identifier(Identifier.dns(name)));
    for (InetAddress address : names.addresses()) {
      order.identifier(Identifier.ip(address));
    }
    return order.create();
  }

  private void require(Order order, Status status, SubjectAltNames names) {
    if (status == Status.INVALID) {
      throw AcmeFaults.refused(account.directory(), "issue for " + names.texts(), order.getError());
    }
  }

  /**
   * The CA's own choice, or else the first of its alternatives that clients can follow (§7.4.2).
   */
  private List<X509Certificate> download(Certificate certificate) throws AcmeException {
    certificate.download();
    List<X509Certificate> usual = certificate.getCertificateChain();
    if (usual.isEmpty() || check.isTrusted(usual)) {
      return usual;
    }
    for (Certificate alternate : certificate.getAlternateCertificates()) {
      alternate.download();
      List<X509Certificate> chain = alternate.getCertificateChain();
      if (!chain.isEmpty() && check.isTrusted(chain)) {
        return chain;
      }
    }
    return usual;
  }
}
