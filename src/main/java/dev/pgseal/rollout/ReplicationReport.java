package dev.pgseal.rollout;

import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.Replication;
import dev.pgseal.postgres.Walsender;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who streams from a server, and what those in plaintext have to be told. */
@ApplicationScoped
class ReplicationReport {

  private final Replication replication;

  ReplicationReport(Replication replication) {
    this.replication = replication;
  }

  /** Empty when nobody streams. */
  List<Map<String, Object>> of(PostgresSession session) {
    return replication.walsenders(session).stream().map(ReplicationReport::told).toList();
  }

  private static Map<String, Object> told(Walsender walsender) {
    Map<String, Object> told = new LinkedHashMap<>();
    put(told, "applicationName", walsender.applicationName());
    put(told, "username", walsender.username());
    put(told, "clientAddress", walsender.clientAddress());
    put(told, "slot", walsender.slotName());
    put(told, "syncState", walsender.syncState());
    told.put("kind", walsender.physical() ? "PHYSICAL" : "LOGICAL");
    told.put("encryption", walsender.encryption().name());
    if (walsender.encryption() == Encryption.PLAINTEXT) {
      told.put(
          "advice",
          walsender.physical()
              ? "Name its standby in the rollout, or give the standby's primary_conninfo"
                  + " sslmode=require or better"
              : "On the subscriber: ALTER SUBSCRIPTION … CONNECTION '… sslmode=require' or better;"
                  + " its worker comes back by itself");
    }
    return told;
  }

  private static void put(Map<String, Object> told, String name, @Nullable String value) {
    if (value != null) {
      told.put(name, value);
    }
  }
}
