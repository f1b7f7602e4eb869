package dev.pgseal.tls;

import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.Replication;
import dev.pgseal.postgres.WalReceiver;
import dev.pgseal.postgres.Walsender;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sees one standby's own stream at both of its ends.
 *
 * <p>Which walsender of the upstream is this standby's is told by its slot, which one walsender
 * uses at a time; without a slot by {@code application_name} and address, and where several
 * standbys share those each of them must be as expected: no walsender vouches for another standby.
 */
final class StreamWatch {

  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  private final Replication replication;
  private final ServerAccess access;
  private final Duration reconnect;

  StreamWatch(Replication replication, ServerAccess access, Duration reconnect) {
    this.replication = replication;
    this.access = access;
    this.reconnect = reconnect;
  }

  /**
   * A stream as it was before a change.
   *
   * @param receiver pid of the walreceiver; null when none ran
   * @param since by the upstream's clock
   */
  record Earlier(@Nullable Integer receiver, Instant since) {
    static final Earlier ANY = new Earlier(null, Instant.EPOCH);
  }

  Earlier now(PostgresSession standby, ManagedServer upstream) {
    Integer receiver = replication.walReceiver(standby).map(WalReceiver::pid).orElse(null);
    try (PostgresSession session = access.borrow(upstream)) {
      return new Earlier(
          receiver,
          session
              .queryOne("SELECT clock_timestamp()", row -> row.getTimestamp(1).toInstant())
              .orElseThrow());
    }
  }

  /**
   * The walsenders that can be this standby's; one, unless others have its name.
   *
   * @return empty while it does not receive
   */
  List<Walsender> walsenders(PostgresSession standby, ManagedServer upstream) {
    Optional<WalReceiver> receiver =
        replication.walReceiver(standby).filter(w -> "streaming".equals(w.status()));
    if (receiver.isEmpty()) {
      return List.of();
    }
    StreamName name = StreamName.of(standby, receiver, replication);
    try (PostgresSession session = access.borrow(upstream)) {
      return own(standby, replication.walsenders(session).stream().filter(name::fits).toList());
    }
  }

  /** Those from the address at which we reach the standby, where that tells some apart. */
  private static List<Walsender> own(PostgresSession standby, List<Walsender> fitting) {
    if (fitting.size() < 2) {
      return fitting;
    }
    Optional<String> address =
        standby.queryOne("SELECT host(inet_server_addr())", row -> row.getString(1));
    List<Walsender> there =
        fitting.stream()
            .filter(w -> address.filter(a -> a.equals(w.clientAddress())).isPresent())
            .toList();
    return there.isEmpty() ? fitting : there;
  }

  /**
   * True when the standby streams from there, and not as it did earlier.
   *
   * @param expected null for any encryption
   */
  boolean streams(
      PostgresSession standby,
      ManagedServer upstream,
      @Nullable Encryption expected,
      Earlier earlier) {
    Optional<WalReceiver> receiver = replication.walReceiver(standby);
    if (receiver.filter(w -> !Integer.valueOf(w.pid()).equals(earlier.receiver())).isEmpty()) {
      return false;
    }
    List<Walsender> own =
        walsenders(standby, upstream).stream()
            .filter(w -> w.backendStart() != null && w.backendStart().isAfter(earlier.since()))
            .toList();
    return !own.isEmpty()
        && own.stream().allMatch(w -> expected == null || w.encryption() == expected);
  }

  /**
   * @throws PgsealException {@code SERVER_FAULT} when it does not come in time
   */
  void await(
      ServerUnderChange standby,
      ManagedServer upstream,
      @Nullable Encryption expected,
      Earlier earlier) {
    Instant deadline = Instant.now().plus(reconnect);
    GrowingPause between = new GrowingPause(LOOK_AGAIN);
    while (Instant.now().isBefore(deadline)) {
      if (streams(standby.session(), upstream, expected, earlier)) {
        return;
      }
      between.pause();
    }
    throw new PgsealException(
            ProblemType.SERVER_FAULT,
            "The standby %s did not come back to %s within %d s"
                .formatted(standby.server().name(), upstream.name(), reconnect.toSeconds()))
        .with("server", standby.server().name())
        .hint("See the standby's log for 'could not connect to the primary server'");
  }
}
