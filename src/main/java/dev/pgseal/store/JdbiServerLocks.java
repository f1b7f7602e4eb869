package dev.pgseal.store;

import dev.pgseal.server.ServerLocks;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** {@link ServerLocks} as rows of {@code server_lock}; the clock is the control database's. */
@ApplicationScoped
class JdbiServerLocks implements ServerLocks {

  private static final Logger LOG = Logger.getLogger(JdbiServerLocks.class);

  static final Duration LEASE = Duration.ofSeconds(20);
  static final Duration RENEWAL = Duration.ofSeconds(5);

  private final Jdbi jdbi;
  private final Map<UUID, Lease> held = new ConcurrentHashMap<>();
  private final ScheduledExecutorService renewer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "pgseal-server-locks");
            thread.setDaemon(true);
            return thread;
          });

  JdbiServerLocks(Jdbi jdbi) {
    this.jdbi = jdbi;
    renewer.scheduleAtFixedRate(
        this::renewAll, RENEWAL.toSeconds(), RENEWAL.toSeconds(), TimeUnit.SECONDS);
  }

  @PreDestroy
  void stop() {
    renewer.shutdownNow();
  }

  @Override
  public Held acquire(UUID serverId, String owner, String operation) {
    Lease lease = new Lease(UUID.randomUUID(), serverId, owner, operation);
    jdbi.useTransaction(
        handle -> {
          String server = Conflicts.lockServer(handle, serverId);
          refuseOtherJob(handle, lease, server);
          if (!take(handle, lease)) {
            throw Conflicts.lockHolder(handle, serverId)
                .orElse(new Conflicts.Holder("somebody else", "just ended"))
                .conflict(server);
          }
          operated(handle, serverId);
        });
    held.put(lease.id, lease);
    return lease;
  }

  private static void refuseOtherJob(Handle handle, Lease lease, String server) {
    // CRLs go to servers, in jobs that reserve none, also while a rotation waits for somebody
    Optional<Conflicts.Holder> job =
        lease.owner.startsWith("job/")
            ? Conflicts.activeJob(handle, lease.serverId)
            : Conflicts.unfinishedJob(handle, lease.serverId);
    if (job.isPresent() && !job.get().owner().equals(lease.owner)) {
      throw job.get().conflict(server);
    }
  }

  private static boolean take(Handle handle, Lease lease) {
    return handle
            .createUpdate(
                """
                insert into server_lock as l
                  (server_id, lease, owner, operation, acquired_at, expires_at)
                values (:server, :lease, :owner, :operation, clock_timestamp(),
                  clock_timestamp() + make_interval(secs => :seconds))
                on conflict (server_id) do update set lease = excluded.lease,
                  owner = excluded.owner, operation = excluded.operation,
                  acquired_at = excluded.acquired_at, expires_at = excluded.expires_at
                where l.owner = excluded.owner or l.expires_at <= clock_timestamp()
                """)
            .bind("server", lease.serverId)
            .bind("lease", lease.id)
            .bind("owner", lease.owner)
            .bind("operation", lease.operation)
            .bind("seconds", LEASE.toSeconds())
            .execute()
        == 1;
  }

  private void renewAll() {
    held.values().forEach(this::renew);
  }

  private void renew(Lease lease) {
    try {
      int renewed =
          jdbi.withHandle(
              handle ->
                  handle
                      .createUpdate(
                          """
                          update server_lock
                          set expires_at = clock_timestamp() + make_interval(secs => :seconds)
                          where server_id = :server and lease = :lease
                          """)
                      .bind("seconds", LEASE.toSeconds())
                      .bind("server", lease.serverId)
                      .bind("lease", lease.id)
                      .execute());
      if (renewed == 0 && held.remove(lease.id) != null) {
        LOG.warnf("%s lost its lock on server %s", lease.owner, lease.serverId);
      }
    } catch (RuntimeException e) {
      LOG.warnf(e, "The lock of %s on server %s was not renewed", lease.owner, lease.serverId);
    }
  }

  private void release(Lease lease) {
    if (held.remove(lease.id) == null) {
      return;
    }
    jdbi.useTransaction(
        handle -> {
          // else it ran out, and whoever has it now says when that worked on the server
          handle.execute(
              """
              update server set operated_at = clock_timestamp() where id = ?
                and exists (select from server_lock where server_id = ? and lease = ?)
              """,
              lease.serverId,
              lease.serverId,
              lease.id);
          handle.execute(
              "delete from server_lock where server_id = ? and lease = ?",
              lease.serverId,
              lease.id);
        });
  }

  /** A scan of the server that overlaps with the operation may have seen half of it. */
  private static void operated(Handle handle, UUID serverId) {
    handle.execute("update server set operated_at = clock_timestamp() where id = ?", serverId);
  }

  private final class Lease implements Held {
    private final UUID id;
    private final UUID serverId;
    private final String owner;
    private final String operation;

    private Lease(UUID id, UUID serverId, String owner, String operation) {
      this.id = id;
      this.serverId = serverId;
      this.owner = owner;
      this.operation = operation;
    }

    @Override
    public void close() {
      try {
        release(this);
      } catch (RuntimeException e) {
        // the lease runs out by itself; the operation it guarded has already ended
        LOG.warnf(e, "The lock of %s on server %s was not released", owner, serverId);
      }
    }
  }
}
