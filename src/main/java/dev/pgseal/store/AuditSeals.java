package dev.pgseal.store;

import dev.pgseal.security.Secrets;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** The seals of the audit log's chain. */
final class AuditSeals {

  private AuditSeals() {}

  /** What a seal of the entry of this number is bound to. */
  static String context(long number) {
    return "audit/" + number;
  }

  /** Seals the end of the chain, unless it is sealed. */
  static void seal(Handle handle, Secrets secrets) {
    handle
        .createQuery(
            """
            select number, hash from audit_head
            where number > coalesce((select max(number) from audit_seal), 0)
            """)
        .map((row, context) -> Map.entry(row.getLong("number"), row.getBytes("hash")))
        .findOne()
        .ifPresent(
            head ->
                handle.execute(
                    """
                    insert into audit_seal (number, seal) values (?, ?)
                    on conflict (number) do nothing
                    """,
                    head.getKey(),
                    secrets.seal(head.getValue(), context(head.getKey()))));
  }
}
