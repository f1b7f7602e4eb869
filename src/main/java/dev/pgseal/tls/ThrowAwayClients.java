package dev.pgseal.tls;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.ClientCertificateRequest;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.postgres.ClientCertificateAnswer;
import dev.pgseal.postgres.ClientIdentity;
import dev.pgseal.postgres.LoginAttempt;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.LoginTarget;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;

/**
 * Client certificates of an hour's life, so that no server's clock finds them expired; made to see
 * from outside which ones a server takes: of one of our authorities, or of one that nobody knows.
 */
@ApplicationScoped
public class ThrowAwayClients {

  private static final Duration LIFE = Duration.ofHours(1);
  private static final Duration AGAIN = Duration.ofMillis(100);
  private static final int ATTEMPTS = 4;

  private final WireProbe wire;
  private final Clock clock;

  public ThrowAwayClients(WireProbe wire, Clock clock) {
    this.wire = wire;
    this.clock = clock;
  }

  /**
   * @throws PgsealException {@code CERTIFICATE_NOT_SERVED}-like {@code SSL_NOT_TAKEN} when the
   *     server does not take a client certificate of the authority
   */
  public void requireTaken(LoginTarget login, Authority authority) {
    ClientCertificateAnswer answer = present(login, of(authority));
    if (!(answer instanceof ClientCertificateAnswer.Taken)) {
      throw new PgsealException(
              ProblemType.SSL_NOT_TAKEN,
              "The server does not take a client certificate of %s: %s"
                  .formatted(authority.certificate().getSubjectX500Principal(), describe(answer)))
          .hint("See the server log for 'SSL configuration was not reloaded'");
    }
  }

  /** A certificate of an authority that was made a moment ago. */
  public void requireForeignRefused(LoginTarget login) {
    Authority foreign =
        Authority.create(
            AuthorityProfile.of("pgseal foreign authority", KeyType.DEFAULT, LIFE), clock);
    ClientCertificateAnswer answer = present(login, of(foreign));
    if (!(answer instanceof ClientCertificateAnswer.Refused)) {
      throw new PgsealException(
          ProblemType.SSL_NOT_TAKEN,
          "The server does not refuse a client certificate of an unknown authority: "
              + describe(answer));
    }
  }

  /**
   * @throws PgsealException {@code SSL_NOT_TAKEN} unless the handshake fails because it is revoked
   */
  public void requireRevoked(LoginTarget login, ClientIdentity identity) {
    ClientCertificateAnswer answer = present(login, identity);
    if (!(answer instanceof ClientCertificateAnswer.Refused refused && refused.revoked())) {
      throw new PgsealException(
              ProblemType.SSL_NOT_TAKEN,
              "The server does not refuse a revoked client certificate as revoked: "
                  + describe(answer))
          .hint("See the server log for 'SSL configuration was not reloaded'");
    }
  }

  private ClientIdentity of(Authority authority) {
    KeyMaterial key = KeyType.DEFAULT.generate();
    IssuedCertificate issued =
        authority.issueClient(
            new ClientCertificateRequest("pgseal-probe", LIFE, KeyType.DEFAULT),
            key.publicKey(),
            clock);
    return ClientIdentity.of(issued.chain(), key.privateKey());
  }

  /**
   * A reset can overtake the alert that says why, so an answer that decides nothing is asked again.
   */
  private ClientCertificateAnswer present(LoginTarget login, ClientIdentity identity) {
    ClientCertificateAnswer answer = null;
    for (int i = 0; i < ATTEMPTS; i++) {
      answer =
          wire.clientCertificate(
              login.host(),
              login.port(),
              identity,
              LoginAttempt.tls(login.username(), login.database()));
      if (!(answer instanceof ClientCertificateAnswer.Inconclusive)) {
        return answer;
      }
      Pause.of(AGAIN);
    }
    return answer;
  }

  private static String describe(ClientCertificateAnswer answer) {
    if (answer instanceof ClientCertificateAnswer.Refused refused) {
      return refused.reason();
    }
    if (answer instanceof ClientCertificateAnswer.Inconclusive inconclusive) {
      return inconclusive.reason();
    }
    return answer instanceof ClientCertificateAnswer.NotAsked
        ? "it asks for none (ssl_ca_file is not loaded)"
        : "it takes it";
  }
}
