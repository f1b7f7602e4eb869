package dev.pgseal.tls;

import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.Replication;
import dev.pgseal.postgres.WalReceiver;
import dev.pgseal.postgres.Walsender;
import dev.pgseal.problem.PgsealException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * By what the walsender of a standby is known on its upstream.
 *
 * @param slot null for a stream without a slot
 * @param applicationName {@code application_name} of {@code primary_conninfo}, else {@code
 *     cluster_name}, else {@code walreceiver} (walreceiver.c: WalReceiverMain)
 */
public record StreamName(@Nullable String slot, String applicationName) {

  /** NAMEDATALEN - 1; longer names are cut by the server. */
  private static final int LONGEST = 63;

  /**
   * @param receiver of this standby; empty while it does not receive
   */
  public static StreamName of(
      PostgresSession standby, Optional<WalReceiver> receiver, Replication replication) {
    Optional<String> slot =
        receiver.isPresent()
            ? receiver.map(WalReceiver::slotName)
            : setting(standby, "primary_slot_name");
    return new StreamName(
        slot.filter(name -> !name.isEmpty()).orElse(null),
        applicationName(standby, receiver.map(WalReceiver::conninfo).orElse(null), replication));
  }

  private static Optional<String> setting(PostgresSession standby, String name) {
    return standby.queryOne("SELECT current_setting(?)", row -> row.getString(1), name);
  }

  private static String applicationName(
      PostgresSession standby, @Nullable String effective, Replication replication) {
    return replication
        .primaryConninfo(standby)
        .flatMap(text -> keyword(text, "application_name"))
        // what libpq made of environment and service file; cut at 1 kB, and then unreadable
        .or(() -> Optional.ofNullable(effective).flatMap(text -> keyword(text, "application_name")))
        .or(
            () ->
                Optional.ofNullable(effective)
                    .flatMap(text -> keyword(text, "fallback_application_name")))
        .or(() -> setting(standby, "cluster_name").filter(name -> !name.isEmpty()))
        .orElse("walreceiver");
  }

  private static Optional<String> keyword(String conninfo, String keyword) {
    try {
      return PrimaryConninfo.parse(conninfo).get(keyword).filter(value -> !value.isEmpty());
    } catch (PgsealException e) {
      return Optional.empty();
    }
  }

  /** Whether this walsender can be the one. */
  public boolean fits(Walsender walsender) {
    if (!walsender.physical() || "backup".equals(walsender.state())) {
      return false;
    }
    return slot != null
        ? slot.equals(walsender.slotName())
        : cut(applicationName).equals(walsender.applicationName());
  }

  private static String cut(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= LONGEST ? name : new String(bytes, 0, LONGEST, StandardCharsets.UTF_8);
  }
}
