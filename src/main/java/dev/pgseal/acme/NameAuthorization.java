package dev.pgseal.acme;

import dev.pgseal.issuing.ExternalRegistration.DnsWebhook;
import dev.pgseal.problem.PgsealException;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Identifier;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Dns01Challenge;
import org.shredzone.acme4j.exception.AcmeException;

/**
 * Has the names of an order authorised (RFC 8555 §7.5): those that are so already need nothing, the
 * others a dns-01 challenge (§8.4), all of them at once.
 *
 * <p>An address cannot be proved by DNS (RFC 8738 §7), so it must be authorised beforehand.
 */
final class NameAuthorization {

  private static final Set<Status> DECIDED =
      EnumSet.of(Status.VALID, Status.INVALID, Status.DEACTIVATED, Status.EXPIRED, Status.REVOKED);

  private final AcmeAccount account;
  private final AcmeConfig config;
  private final Polling polling;

  NameAuthorization(AcmeAccount account, AcmeConfig config, Polling polling) {
    this.account = account;
    this.config = config;
    this.polling = polling;
  }

  private record Open(Authorization authorization, Dns01Challenge challenge) {}

  /**
   * @throws PgsealException {@code ISSUER_FAULT}
   */
  void authorize(Order order) throws AcmeException {
    List<Open> open = new ArrayList<>();
    for (Authorization authorization : order.getAuthorizations()) {
      if (authorization.getStatus() != Status.VALID) {
        open.add(new Open(authorization, challenge(authorization)));
      }
    }
    if (open.isEmpty()) {
      return;
    }
    try (DnsRecords records = records(open.get(0))) {
      for (Open one : open) {
        records.present(
            absolute(Dns01Challenge.toRRName(one.authorization().getIdentifier())),
            one.challenge().getDigest());
      }
      for (Open one : open) {
        if (one.challenge().getStatus() == Status.PENDING) {
          one.challenge().trigger();
        }
      }
      for (Open one : open) {
        await(one);
      }
    }
  }

  private Dns01Challenge challenge(Authorization authorization) {
    Identifier name = authorization.getIdentifier();
    Optional<Dns01Challenge> challenge = authorization.findChallenge(Dns01Challenge.class);
    if (authorization.getStatus() == Status.PENDING && challenge.isPresent()) {
      return challenge.get();
    }
    String offered =
        authorization.getChallenges().stream()
            .map(Challenge::getType)
            .collect(Collectors.joining(", "));
    throw AcmeFaults.fault(
            "The CA %s wants %s proved by %s, which pgseal cannot answer"
                .formatted(caName(), name.getValue(), offered.isEmpty() ? "other means" : offered))
        .with("endpoint", name.getValue())
        .hint(
            name.getType().equals(Identifier.TYPE_IP)
                ? "DNS cannot prove an address (RFC 8738): have it authorised for the account"
                    + " beforehand, or leave it out and have clients connect by name."
                : "pgseal answers dns-01 only: allow it at the CA, or have the name authorised for"
                    + " the account beforehand.");
  }

  private DnsRecords records(Open first) {
    DnsWebhook webhook = account.dnsWebhook();
    if (webhook == null) {
      throw AcmeFaults.fault(
              "The CA %s wants %s proved by dns-01, and the authority has no DNS webhook"
                  .formatted(caName(), first.authorization().getIdentifier().getValue()))
          .hint("Connect the CA with acme.dnsWebhook, or have the names authorised beforehand.");
    }
    return new DnsRecords(webhook, account.directoryRoots(), config.requestTimeout());
  }

  private void await(Open one) throws AcmeException {
    String name = one.authorization().getIdentifier().getValue();
    Status status = polling.await(one.authorization(), DECIDED, "authorization of " + name);
    if (status != Status.VALID) {
      throw AcmeFaults.refused(directory(), "authorise " + name, reason(one.authorization()))
          .with("endpoint", name);
    }
  }

  private static Optional<Problem> reason(Authorization authorization) {
    return authorization.getChallenges().stream()
        .flatMap(challenge -> challenge.getError().stream())
        .findFirst();
  }

  private URI directory() {
    return account.directory();
  }

  private String caName() {
    return AcmeFaults.name(directory());
  }

  private static String absolute(String name) {
    return name.endsWith(".") ? name : name + ".";
  }
}
