package dev.pgseal.tls;

import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Ends the sessions that came with a client certificate which is revoked now: PostgreSQL looks at a
 * certificate at the handshake only.
 */
@ApplicationScoped
public class RevokedSessions {

  private final ServerConnections connections;
  private final Drain drain;
  private final Authorities authorities;
  private final AuthorityGenerations generations;
  private final RevocationStore revocations;
  private final Clock clock;

  public RevokedSessions(
      ServerConnections connections,
      Drain drain,
      Authorities authorities,
      AuthorityGenerations generations,
      RevocationStore revocations,
      Clock clock) {
    this.connections = connections;
    this.drain = drain;
    this.authorities = authorities;
    this.generations = generations;
    this.revocations = revocations;
    this.clock = clock;
  }

  /** At once, also inside a transaction: whoever holds the certificate is not trusted any more. */
  public List<Drain.Ended> end(PostgresSession session, String authority) {
    Predicate<ServerConnection> revoked = revoked(authority);
    List<Drain.Ended> ended = new ArrayList<>();
    while (connections.list(session).stream().anyMatch(revoked)) {
      List<Drain.Ended> now = drain.end(session, revoked, Duration.ZERO);
      ended.addAll(now);
      if (now.isEmpty()) {
        break;
      }
    }
    return ended;
  }

  /** A serial is enough: those that pgseal gives are random, of 128 bits. */
  private Predicate<ServerConnection> revoked(String authority) {
    Set<String> serials = new HashSet<>();
    for (StoredAuthority member : generations.family(authorities.require(authority))) {
      for (List<X509Certificate> chain : generations.chains(member)) {
        String issuer = CertificateDescription.fingerprint(chain.get(0));
        revocations.revoked(issuer, clock.instant()).forEach(r -> serials.add(r.serial()));
      }
    }
    return c -> serials.contains(c.clientSerial());
  }
}
