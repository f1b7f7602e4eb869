package dev.pgseal.acme;

import static dev.pgseal.acme.AcmeFixture.CLOCK;
import static dev.pgseal.acme.AcmeFixture.POLICY;
import static dev.pgseal.acme.AcmeFixture.account;
import static dev.pgseal.acme.AcmeFixture.refused;
import static dev.pgseal.acme.AcmeFixture.request;
import static dev.pgseal.acme.AcmeIssuersTest.elsewhere;
import static dev.pgseal.acme.AcmeIssuersTest.here;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.RequestKey;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.CertificateIssuer;
import dev.pgseal.issuing.ExternalAccount;
import dev.pgseal.issuing.ExternalRegistration;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said between pgseal and a CA that is strict, busy or strange; and what is not said. */
class AcmeConversationTest {

  private static final Authority OTHER = Authority.create(AuthorityProfile.of("Another CA"), CLOCK);
  private static final String NAME = "db.example.com";

  private static Pebble ca;
  private static CaProxy proxy;
  private static ExternalAccount account;

  @BeforeAll
  static void start() {
    ca = Pebble.start();
    proxy = new CaProxy(ca);
    account = account(ca, proxy.directory(), ca.hook().webhook(), null);
  }

  @AfterAll
  static void stop() {
    if (proxy != null) {
      proxy.close();
      ca.close();
    }
  }

  @BeforeEach
  void honest() {
    proxy.lies((path, body) -> null);
  }

  @Test
  void aNonceThatTheCaDoesNotTakeIsReplaced() {
    AtomicInteger refusals = new AtomicInteger();
    proxy.lies(
        (path, body) -> {
          if (body.contains("urn:ietf:params:acme:error:badNonce")) {
            refusals.incrementAndGet();
          }
          return null;
        });

    for (int i = 0; i < 20 && refusals.get() == 0; i++) {
      issuer().issueServer(request(NAME), here(KeyType.ECDSA_P256.generate()));
    }

    assertThat(refusals).hasPositiveValue();
  }

  @Test
  void aRequestForOtherNamesIsRefusedBeforeAnybodyIsAsked() {
    KeyMaterial key = KeyType.ECDSA_P256.generate();
    int before = proxy.requests();

    for (RequestKey other :
        List.of(elsewhere(key, NAME, "more.example.com"), elsewhere(key, "other.example.com"))) {
      PgsealException problem = refused(() -> issuer().issueServer(request(NAME), other));

      assertThat(problem.type()).isEqualTo(ProblemType.CERTIFICATE_INVALID);
      assertThat(problem.detail()).contains("The CSR asks for the names").contains(NAME);
      assertThat(refused(() -> issuer().check(request(NAME), other)).detail())
          .isEqualTo(problem.detail());
    }
    assertThat(proxy.requests()).isEqualTo(before);
  }

  @Test
  void whatThePolicyDoesNotAllowIsRefusedBeforeAnybodyIsAsked() {
    AuthorityPolicy policy =
        new AuthorityPolicy(
            Duration.ofDays(100), Set.of(KeyType.ECDSA_P256), List.of("example.com"));
    CertificateIssuer strict = AcmeFixture.ISSUERS.open(account, policy, Optional.empty());
    int before = proxy.requests();
    RequestKey key = here(KeyType.ECDSA_P256.generate());

    assertThat(type(() -> strict.issueServer(request("db.example.org"), key)))
        .isEqualTo(ProblemType.POLICY_VIOLATION);
    assertThat(type(() -> strict.issueServer(request(NAME), here(KeyType.ED25519.generate()))))
        .isEqualTo(ProblemType.POLICY_VIOLATION);
    assertThat(strict.check(request(NAME), key)).isEmpty();
    assertThat(proxy.requests()).isEqualTo(before);
  }

  @Test
  void aCaThatIsAskedTooOftenSaysWhenToComeBack() {
    proxy.lies(
        (path, body) ->
            path.startsWith("/order-plz")
                ? new CaProxy.Answer(
                    429,
                    Map.of("Content-Type", "application/problem+json", "Retry-After", "3600"),
                    """
                    {"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many orders",
                     "subproblems": [{"type": "urn:ietf:params:acme:error:rateLimited",
                       "detail": "5 a week", "identifier": {"type": "dns", "value": "%s"}}]}
                    """
                        .formatted(NAME))
                : null);

    PgsealException problem =
        refused(() -> issuer().issueServer(request(NAME), here(KeyType.ECDSA_P256.generate())));

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(problem.detail()).contains("too many orders; " + NAME + ": 5 a week");
    assertThat(Instant.parse((String) problem.members().get("retryAfter")))
        .isBetween(CLOCK.instant().plusSeconds(3500), CLOCK.instant().plusSeconds(3601));
    assertThat(AcmeIssuersTest.issuerProblem(problem).get("subproblems").toString())
        .contains("5 a week");
  }

  @Test
  void whatTheOwnerOfTheAccountMustDoIsTold() {
    proxy.lies(
        (path, body) ->
            path.startsWith("/order-plz")
                ? new CaProxy.Answer(
                    403,
                    Map.of("Content-Type", "application/problem+json"),
                    """
                    {"type": "urn:ietf:params:acme:error:userActionRequired",
                     "detail": "the terms of service have changed",
                     "instance": "https://ca.example.com/agree"}
                    """)
                : null);

    PgsealException problem =
        refused(() -> issuer().issueServer(request(NAME), here(KeyType.ECDSA_P256.generate())));

    assertThat(problem.detail()).contains("the terms of service have changed");
    assertThat((String) problem.members().get("hint")).contains("https://ca.example.com/agree");
  }

  @Test
  void anOrderThatTakesTooLongIsGivenUpAtOnce() {
    proxy.lies(
        (path, body) ->
            body.contains("\"finalize\"")
                ? new CaProxy.Answer(
                    200,
                    Map.of("Retry-After", "3600"),
                    body.replaceAll("\"(ready|valid)\"", "\"processing\""))
                : null);
    Instant before = CLOCK.instant();

    PgsealException problem =
        refused(() -> issuer().issueServer(request(NAME), here(KeyType.ECDSA_P256.generate())));

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(problem.detail()).contains("did not finish the order within");
    assertThat(problem.members()).containsKey("retryAfter");
    assertThat(Duration.between(before, CLOCK.instant()))
        .isLessThan(AcmeTimes.USUAL.orderTimeout().dividedBy(2));
  }

  @Test
  void aDirectoryThatIsNoneIsTold() {
    proxy.lies(
        (path, body) -> new CaProxy.Answer(200, Map.of("Content-Type", "text/html"), "<p>Hello"));

    PgsealException problem =
        refused(
            () ->
                AcmeFixture.ISSUERS.register(
                    new ExternalRegistration(
                        proxy.directory(), ca.directoryRoots(), List.of(), null, null)));

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(problem.detail()).contains("not ACME");
  }

  @Test
  void aCaThatRefersToPlainHttpElsewhereIsNotFollowed() {
    proxy.lies(
        (path, body) ->
            path.equals("/dir")
                ? new CaProxy.Answer(
                    200,
                    Map.of("Content-Type", "application/json"),
                    body.replaceAll("https://127.0.0.1:[0-9]+", "http://ca.example.com"))
                : null);

    PgsealException problem =
        refused(() -> issuer().issueServer(request(NAME), here(KeyType.ECDSA_P256.generate())));

    assertThat(problem.detail()).contains("a URL that is not https");
  }

  private static CertificateIssuer issuer() {
    return AcmeFixture.ISSUERS.open(account, POLICY, Optional.of(TrustBundle.parse(ca.root(0))));
  }

  private static ProblemType type(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return refused(call).type();
  }
}
