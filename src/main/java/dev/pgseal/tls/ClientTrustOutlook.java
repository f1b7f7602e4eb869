package dev.pgseal.tls;

import dev.pgseal.certificate.SubjectLine;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What taking client certificates of another authority would do to those who are connected. */
@ApplicationScoped
public class ClientTrustOutlook {

  private final ServerSettings settings;
  private final ServerConnections connections;
  private final Authorities authorities;
  private final AuthorityGenerations generations;

  public ClientTrustOutlook(
      ServerSettings settings,
      ServerConnections connections,
      Authorities authorities,
      AuthorityGenerations generations) {
    this.settings = settings;
    this.connections = connections;
    this.authorities = authorities;
    this.generations = generations;
  }

  /**
   * What another {@code ssl_ca_file} would do.
   *
   * @param presentCaFile what it is now, empty when client certificates are not asked for
   * @param foreignSessions sessions that came with a certificate which the authority did not issue:
   *     their next handshake would fail
   */
  public record Outlook(
      String presentCaFile, List<ServerConnection> foreignSessions, List<String> remarks) {}

  /**
   * @param authority null for no client certificates at all
   */
  public Outlook of(PostgresSession session, @Nullable String authority) {
    String present = caFile(session);
    List<String> names = authority == null ? List.of() : subjects(authority);
    List<ServerConnection> foreign =
        connections.list(session).stream()
            .filter(c -> c.clientDn() != null)
            .filter(c -> authority == null || !ClientIssuer.isAmong(c, names))
            .toList();
    List<String> remarks = new ArrayList<>();
    if (present.isEmpty() && authority != null) {
      remarks.add(
          "ssl_ca_file is not set, so no client is asked for a certificate now and it cannot be seen who has one. From then on every client that presents a certificate of another authority is refused, whatever the rules say (libpq presents ~/.postgresql/postgresql.crt unasked)");
    }
    return new Outlook(present, foreign, remarks);
  }

  /** The subject of each generation, as the sessions' {@code issuer_dn} names it. */
  private List<String> subjects(String authority) {
    return generations.chains(authorities.require(authority)).stream()
        .map(chain -> SubjectLine.of(chain.get(0)))
        .toList();
  }

  private String caFile(PostgresSession session) {
    ServerSetting setting = settings.read(session).get("ssl_ca_file");
    return setting == null || setting.value() == null ? "" : setting.value();
  }
}
