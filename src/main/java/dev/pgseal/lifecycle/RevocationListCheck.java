package dev.pgseal.lifecycle;

import dev.pgseal.certificate.RevocationList;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.job.RecurringWork;
import dev.pgseal.tls.ClientTrustStore;
import dev.pgseal.tls.RevocationLists;
import dev.pgseal.tls.RevocationStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Signs every CRL anew long before it expires, for an expired one refuses every client, and
 * whenever one lacks a revocation; and brings the latest to the servers that do not have it yet.
 */
@ApplicationScoped
public class RevocationListCheck implements RecurringWork {

  private static final Logger LOG = Logger.getLogger(RevocationListCheck.class);

  private final Authorities authorities;
  private final RevocationStore revocations;
  private final RevocationLists lists;
  private final ClientTrustStore trusts;
  private final RevocationService service;
  private final LifecycleConfig config;
  private final Clock clock;

  public RevocationListCheck(
      Authorities authorities,
      RevocationStore revocations,
      RevocationLists lists,
      ClientTrustStore trusts,
      RevocationService service,
      LifecycleConfig config,
      Clock clock) {
    this.authorities = authorities;
    this.revocations = revocations;
    this.lists = lists;
    this.trusts = trusts;
    this.service = service;
    this.config = config;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "revocation-list-check";
  }

  @Override
  public Duration interval() {
    return config.checkInterval();
  }

  @Override
  public Duration jitter() {
    return config.checkJitter();
  }

  @Override
  public void run() {
    authorities.list(null, Integer.MAX_VALUE).stream()
        .filter(lists::canSign)
        .map(StoredAuthority::name)
        .forEach(authority -> attempt(authority, () -> renew(authority)));
    Map<String, List<ClientTrustStore.ClientTrust>> byAuthority =
        trusts.list().stream()
            .filter(this::mayBeTriedAgain)
            .collect(Collectors.groupingBy(ClientTrustStore.ClientTrust::authority));
    byAuthority.forEach((authority, all) -> attempt(authority, () -> distribute(authority, all)));
  }

  private void renew(String authority) {
    boolean due =
        lists.ensure(authority, config.revocationListLife()).stream()
            .anyMatch(list -> isHalfOver(list) || lacksOne(list));
    if (due) {
      lists.sign(authority, config.revocationListLife());
    }
  }

  /** Of a revocation after which pgseal died before it signed. */
  private boolean lacksOne(RevocationStore.SignedList list) {
    RevocationList signed = RevocationList.parse(list.der(), list.number());
    return revocations.revoked(list.issuer(), clock.instant()).stream()
        .anyMatch(revocation -> !signed.revokes(new BigInteger(revocation.serial(), 16)));
  }

  private boolean isHalfOver(RevocationStore.SignedList list) {
    Duration life = Duration.between(list.thisUpdate(), list.nextUpdate());
    return clock.instant().isAfter(list.thisUpdate().plus(life.dividedBy(2)));
  }

  private boolean mayBeTriedAgain(ClientTrustStore.ClientTrust trust) {
    Instant attempted = trust.attemptedAt();
    return attempted == null || clock.instant().isAfter(attempted.plus(patience()));
  }

  /** A CRL of short life must not wait long. */
  private Duration patience() {
    Duration most = config.revocationListLife().dividedBy(10);
    return most.compareTo(config.retryAtMost()) < 0 ? most : config.retryAtMost();
  }

  private void distribute(String authority, List<ClientTrustStore.ClientTrust> all) {
    boolean anyRevoked = service.anyRevoked(authority);
    if (all.stream().allMatch(trust -> isLeftWithout(trust, anyRevoked))) {
      return;
    }
    String latest = lists.current(authority, config.revocationListLife()).sha256();
    List<ClientTrustStore.ClientTrust> stale =
        all.stream()
            .filter(trust -> !isLeftWithout(trust, anyRevoked))
            .filter(trust -> !latest.equals(trust.listsSha256()))
            .toList();
    service.distribute(authority, stale, "pgseal");
  }

  /** A server needs no list, which could expire there, before anything was revoked. */
  private static boolean isLeftWithout(ClientTrustStore.ClientTrust trust, boolean anyRevoked) {
    return !anyRevoked && trust.listsSha256() == null;
  }

  private static void attempt(String authority, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.errorf(e, "The revocation list of %s could not be renewed", authority);
    }
  }
}
