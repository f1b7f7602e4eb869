package dev.pgseal.acme;

import dev.pgseal.issuing.ExternalAccount;
import java.net.URI;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Identifier;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.exception.AcmeException;

/** What an administrator does by other means: has a name authorised for an account, by http-01. */
final class Preauthorization {

  private Preauthorization() {}

  static void of(ExternalAccount kept, Identifier name, Pebble pebble) throws AcmeException {
    AcmeAccount account = AcmeAccount.of(kept);
    URI directory = account.directory();
    Login login =
        AcmeSessions.open(directory, account.directoryRoots(), AcmeTimes.USUAL)
            .login(account.locationUrl(), account.key());
    Order order = login.newOrder().identifier(name).create();
    for (Authorization authorization : order.getAuthorizations()) {
      Http01Challenge challenge = authorization.findChallenge(Http01Challenge.class).orElseThrow();
      pebble.challenges().answer(challenge.getToken(), challenge.getAuthorization());
      challenge.trigger();
      Awaitility.await("authorization of " + name)
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                authorization.fetch();
                return authorization.getStatus() == Status.VALID;
              });
    }
  }
}
