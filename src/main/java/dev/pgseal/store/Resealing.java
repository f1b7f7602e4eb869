package dev.pgseal.store;

import dev.pgseal.audit.Actor;
import dev.pgseal.security.Secrets;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Seals anew what is not sealed by the key that seals now. May run beside replicas, again after it
 * was stopped, and twice at a time: a value that somebody else writes meanwhile is left to them and
 * looked at again.
 */
public final class Resealing {

  private static final int BATCH = 500;
  private static final Actor ACTOR = new Actor("pgseal --reseal", null, null, null);

  private final Jdbi jdbi;
  private final Secrets secrets;

  Resealing(Jdbi jdbi, Secrets secrets) {
    this.jdbi = jdbi;
    this.secrets = secrets;
  }

  /** On a control database that no pool is open to. */
  public static Resealing on(String url, String username, String password, Secrets secrets) {
    return new Resealing(
        JdbiProducer.told(Jdbi.create(url, username, password), () -> ACTOR), secrets);
  }

  /**
   * Every sealed value but the seals of the audit log.
   *
   * @return how many were sealed anew
   * @throws dev.pgseal.problem.PgsealException when a value was sealed by a key that the key set
   *     does not have; what came before it may be sealed anew
   */
  public long run() {
    return jdbi.withHandle(
        handle -> SealedColumn.ALL.stream().mapToLong(column -> reseal(handle, column)).sum());
  }

  /**
   * Looks at the audit log's seals of older keys and seals what was found.
   *
   * @return what is wrong with the audit log; null when nothing is, or when there was no such seal
   *     that was not looked at before
   */
  public @Nullable String takeOverAuditLog() {
    return jdbi.withHandle(handle -> new AuditResealing(handle, secrets).run());
  }

  private long reseal(Handle handle, SealedColumn column) {
    long resealed = 0;
    while (true) {
      List<Old> batch = old(handle, column);
      if (batch.isEmpty()) {
        return resealed;
      }
      for (Old old : batch) {
        // a transaction each: it holds no row that a replica waits for, and says who acts
        resealed +=
            handle.<Integer, RuntimeException>inTransaction(same -> reseal(same, column, old));
      }
    }
  }

  private List<Old> old(Handle handle, SealedColumn column) {
    return handle
        .createQuery(
            """
            select ctid::text as place, %2$s as sealed, %3$s as context from %1$s
            where substring(%2$s from 1 for :length) <> :mark limit :batch
            """
                .formatted(column.table(), column.column(), column.context()))
        .bind("length", secrets.mark().length)
        .bind("mark", secrets.mark())
        .bind("batch", BATCH)
        .map(
            (row, context) ->
                new Old(row.getString("place"), row.getBytes("sealed"), row.getString("context")))
        .list();
  }

  private int reseal(Handle handle, SealedColumn column, Old old) {
    return handle
        .createUpdate(
            "update %1$s set %2$s = :new where ctid = :place::tid and %2$s = :old"
                .formatted(column.table(), column.column()))
        .bind("new", secrets.seal(secrets.open(old.sealed(), old.context()), old.context()))
        .bind("place", old.place())
        .bind("old", old.sealed())
        .execute();
  }

  /** A value under an older key, and where it was seen. */
  private record Old(String place, byte[] sealed, String context) {}
}
