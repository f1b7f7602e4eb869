package dev.pgseal.tls;

import dev.pgseal.hba.HbaDecision;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Which sessions in plaintext an enforcement is about: all, but those that come from where
 * plaintext is spared and that the rules do not refuse. A session encrypted by GSSAPI is not in
 * plaintext.
 */
@ApplicationScoped
public class RefusedSessions {

  private final ExemptionStore exemptions;
  private final HbaLoader loader;
  private final AdmissionForecast forecast;

  public RefusedSessions(ExemptionStore exemptions, HbaLoader loader, AdmissionForecast forecast) {
    this.exemptions = exemptions;
    this.loader = loader;
    this.forecast = forecast;
  }

  /** By what the server's last conversion spares and the rules as they lie there. */
  public Predicate<ServerConnection> of(ManagedServer server, PostgresSession session) {
    Set<Exemption> spared = exemptions.of(server.id());
    return spared.isEmpty()
        ? StragglerScan.PLAINTEXT
        : of(session, loader.load(session).document(), spared);
  }

  /** By rules that need not lie there yet. */
  public Predicate<ServerConnection> of(
      PostgresSession session, HbaDocument rules, Set<Exemption> spared) {
    if (!spared.contains(Exemption.LOOPBACK)) {
      return StragglerScan.PLAINTEXT;
    }
    Function<ServerConnection, HbaDecision> judge = forecast.judge(session, rules);
    return connection ->
        StragglerScan.PLAINTEXT.test(connection)
            && !(fromLoopback(connection) && mayComeAgain(judge.apply(connection)));
  }

  private static boolean fromLoopback(ServerConnection connection) {
    InetAddress address =
        connection.clientAddress() == null
            ? null
            : AdmissionForecast.inet(connection.clientAddress());
    return address != null && address.isLoopbackAddress();
  }

  /** In doubt it may: it is spared anyway. */
  private static boolean mayComeAgain(HbaDecision decision) {
    return decision.admits() || decision instanceof HbaDecision.Undecidable;
  }
}
