package dev.pgseal.postgres;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A session of {@code pg_stat_activity} with a client behind it: {@code client backend} or {@code
 * walsender}. Fields are null where PostgreSQL has none or our role may not see them.
 *
 * @param backendStart to the microsecond; with {@code pid} it names this very session. Null when
 *     our role may not see it; such a session cannot be ended by us either
 * @param backendType as in {@code pg_stat_activity}; {@code unknown} when our role may not see it
 * @param older the backend was forked before the last reload of the settings: older rules judged
 *     it. True as well when that is not known
 * @param waitEvent as in {@code pg_stat_activity}, such as {@code SyncRep}
 * @param protocol such as {@code TLSv1.3}, null unless TLS
 * @param clientDn subject of the client certificate, null without one
 * @param clientSerial serial number of the client certificate, lower-case hex
 * @param issuerDn who issued the client certificate
 */
public record ServerConnection(
    int pid,
    @Nullable Instant backendStart,
    String backendType,
    @Nullable String username,
    @Nullable String database,
    @Nullable String applicationName,
    @Nullable String clientAddress,
    @Nullable Integer clientPort,
    @Nullable String state,
    @Nullable Instant transactionStart,
    @Nullable String waitEvent,
    Encryption encryption,
    boolean older,
    @Nullable String protocol,
    @Nullable String cipher,
    @Nullable String clientDn,
    @Nullable String clientSerial,
    @Nullable String issuerDn) {

  /** How {@code application_name} begins for a session of pgseal. */
  public static final String OF_PGSEAL = ConnectionSettings.APPLICATION_NAME;

  public boolean walsender() {
    return "walsender".equals(backendType);
  }

  /** One of pgseal's own: it goes over TLS by itself as soon as TLS is served. */
  public boolean ofPgseal() {
    return OF_PGSEAL.equals(applicationName)
        || (applicationName != null && applicationName.startsWith(OF_PGSEAL + " "));
  }

  /** A physical replication connection: only the hba keyword {@code replication} matches it. */
  public boolean physicalReplication() {
    return walsender() && database == null;
  }

  public boolean idle() {
    return "idle".equals(state);
  }
}
