package dev.pgseal.store;

import dev.pgseal.audit.ChainCheck;
import dev.pgseal.security.Secrets;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Takes the audit log over to the key that seals now. Its seals are never changed, so those of
 * older keys stay as they are. While the key set still opens them they are held against the chain,
 * the outcome becomes an entry, and that is sealed by the new key: it vouches for all before it.
 */
final class AuditResealing {

  /** The action of the entry that says how the seals before it were found. */
  static final String ACTION = "keyset.reseal";

  private final Handle handle;
  private final Secrets secrets;

  AuditResealing(Handle handle, Secrets secrets) {
    this.handle = handle;
    this.secrets = secrets;
  }

  /**
   * @return what is wrong with the chain, null when nothing is or when there was nothing to do
   */
  @Nullable String run() {
    if (!anySealOfAnOlderKey()) {
      return null;
    }
    ChainCheck check = new ChainReader(handle, secrets).read();
    handle.useTransaction(same -> vouch(check));
    return check.fault();
  }

  /** That no entry tells of yet. */
  private boolean anySealOfAnOlderKey() {
    return handle
        .createQuery(
            """
            select exists (
              select from audit_seal where substring(seal from 1 for :length) <> :mark
                and number > coalesce(
                  (select max(number) from audit_entry where action = :action), 0))
            """)
        .bind("length", secrets.mark().length)
        .bind("mark", secrets.mark())
        .bind("action", ACTION)
        .mapTo(Boolean.class)
        .one();
  }

  private void vouch(ChainCheck check) {
    Map<String, Object> found =
        check.fault() == null
            ? Map.of("auditLog", "intact", "entries", check.entries())
            : Map.of("auditLog", "not intact", "fault", check.fault());
    handle
        .createQuery("select audit_append(:action, 'keyset', null, null, cast(:found as jsonb))")
        .bind("action", ACTION)
        .bind("found", Columns.json(found))
        .mapTo(Long.class)
        .one();
    AuditSeals.seal(handle, secrets);
  }
}
