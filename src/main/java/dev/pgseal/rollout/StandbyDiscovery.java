package dev.pgseal.rollout;

import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.Replication;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerFactsReader;
import dev.pgseal.postgres.WalReceiver;
import dev.pgseal.postgres.Walsender;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.TlsMode;
import dev.pgseal.tls.ServerAccess;
import dev.pgseal.tls.StreamName;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Looks at the servers of a rollout for who streams from whom, and for standbys nobody named. */
@ApplicationScoped
public class StandbyDiscovery {

  private static final int AT_ONCE = 8;

  private static final String CURE =
      "Register the standby (POST /v1/servers) and name it in servers; or say"
          + " allowUnregisteredStandbys: true: then its plaintext stream is ended once the rules"
          + " demand TLS, and it comes back only if its primary_conninfo lets it use TLS";

  private static final String CURE_DOWN =
      "If its primary_conninfo demands TLS it is cut off: register it (POST /v1/servers) and name it"
          + " in servers";

  private final ServerAccess access;
  private final ServerFactsReader facts;
  private final Replication replication;

  public StandbyDiscovery(ServerAccess access, ServerFactsReader facts, Replication replication) {
    this.access = access;
    this.facts = facts;
    this.replication = replication;
  }

  /**
   * Looks at several servers at once.
   *
   * @param allowUnreachable take those that cannot be looked at for primaries of which nothing is
   *     known
   * @throws PgsealException naming the server that cannot be looked at
   */
  Topology of(List<String> names, boolean allowUnreachable) {
    List<ManagedServer> servers = names.stream().map(access::require).toList();
    ExecutorService threads = Executors.newFixedThreadPool(Math.min(AT_ONCE, servers.size()));
    try {
      List<Future<Topology.Inspected>> looks = new ArrayList<>();
      for (ManagedServer server : servers) {
        looks.add(threads.submit(() -> inspect(server, allowUnreachable)));
      }
      List<Topology.Inspected> inspected = new ArrayList<>();
      for (Future<Topology.Inspected> look : looks) {
        inspected.add(look.get());
      }
      return Topology.of(inspected);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof PgsealException problem) {
        throw problem;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PgsealException(ProblemType.INTERNAL_ERROR, "The service is shutting down", e);
    } finally {
      threads.shutdownNow();
    }
  }

  private Topology.Inspected inspect(ManagedServer server, boolean allowUnreachable) {
    try (PostgresSession session = access.fresh(server)) {
      return inspect(server, session);
    } catch (PgsealException e) {
      if (allowUnreachable) {
        return Topology.Inspected.unknown(server);
      }
      throw e.with("server", server.name());
    }
  }

  private Topology.Inspected inspect(ManagedServer server, PostgresSession session) {
    boolean standby =
        session.queryOne("SELECT pg_is_in_recovery()", row -> row.getBoolean(1)).orElse(false);
    return new Topology.Inspected(
        server,
        standby,
        facts.read(session).systemIdentifier(),
        session
            .queryOne("SELECT pg_postmaster_start_time()::text", row -> row.getString(1))
            .orElse(null),
        standby ? receiver(session) : null,
        replication.walsenders(session).stream()
            .filter(w -> w.physical() && !"backup".equals(w.state()) && !ofPgseal(w))
            .toList(),
        replication.idleSlots(session),
        replication.synchronousStandbyNames(session));
  }

  /** One that tries a new string for a moment. */
  private static boolean ofPgseal(Walsender walsender) {
    return String.valueOf(walsender.applicationName()).startsWith(ServerConnection.OF_PGSEAL + " ");
  }

  private Topology.Receiver receiver(PostgresSession session) {
    Optional<WalReceiver> receiver = replication.walReceiver(session);
    return new Topology.Receiver(
        StreamName.of(session, receiver, replication),
        receiver.filter(r -> "streaming".equals(r.status())).isPresent(),
        receiver.map(WalReceiver::senderHost).orElse(null),
        receiver.map(WalReceiver::senderPort).orElse(null));
  }

  /**
   * @throws PgsealException {@code LOCKOUT_RISK} when plaintext is to be refused and a standby that
   *     nobody named comes in plaintext
   */
  static void requireKnown(RolloutRequest request, Topology topology) {
    if (request.target() != TlsMode.ENFORCED || request.allowsUnregisteredStandbys()) {
      return;
    }
    for (Topology.Member member : topology.members()) {
      List<RolloutPreview.StandbyOutlook> unknown =
          member.strangers().stream()
              .filter(w -> w.encryption() == Encryption.PLAINTEXT && !spared(request, w))
              .map(RolloutPreview.StandbyOutlook::of)
              .toList();
      if (!unknown.isEmpty()) {
        RolloutPreview.StandbyOutlook first = unknown.get(0);
        throw new PgsealException(
                ProblemType.LOCKOUT_RISK,
                "A standby streams from %s in plaintext that is not of this rollout: %s from %s"
                    .formatted(
                        member.server().name(), first.applicationName(), first.clientAddress()))
            .with("server", member.server().name())
            .with("standbys", unknown)
            .hint(CURE);
      }
    }
  }

  /** Its rules go on admitting plaintext from loopback. */
  private static boolean spared(RolloutRequest request, Walsender walsender) {
    String address = String.valueOf(walsender.clientAddress());
    return request.conversionOptions().loopback() == ConversionOptions.Loopback.KEEP
        && (address.startsWith("127.") || address.equals("::1"));
  }

  /** What a plan says of them. */
  static List<String> remarks(RolloutRequest request, Topology.Member member) {
    String cure = request.target() == TlsMode.DISABLED ? CURE_DOWN : CURE;
    List<String> remarks = new ArrayList<>(member.remarks());
    for (Walsender stranger : member.strangers()) {
      remarks.add(
          "%s from %s streams from it over %s and is not of this rollout. %s"
              .formatted(
                  stranger.applicationName(),
                  stranger.clientAddress(),
                  stranger.encryption(),
                  cure));
    }
    return List.copyOf(remarks);
  }
}
