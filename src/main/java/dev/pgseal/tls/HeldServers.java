package dev.pgseal.tls;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The servers that one execution of a job has locked: kept open from one step to the next, since to
 * open one takes a login and a dozen questions. What its owner must see to:
 *
 * <ul>
 *   <li>A step that failed, and one that waits, let go of all ({@link #close}), so that nothing is
 *       held while nothing happens, and the way back begins with a new session.
 *   <li>All are let go before the job ends.
 * </ul>
 *
 * A session through which something was reloaded is not kept: what is observed after a reload is
 * observed through a session that was opened after it.
 */
public final class HeldServers implements AutoCloseable {

  private final Map<UUID, ServerUnderChange> kept = new ConcurrentHashMap<>();

  /**
   * The one that is kept, if its session still is there, else a new one. To close it is to give it
   * back.
   *
   * @param fence fails when there is a later execution: asked before what was kept is used again,
   *     as it is before one is opened
   */
  public ServerUnderChange take(
      UUID serverId, LongSupplier fence, Supplier<ServerUnderChange> open) {
    if (kept.containsKey(serverId)) {
      fence.getAsLong();
    }
    ServerUnderChange before = kept.remove(serverId);
    if (before != null && before.session().isUsable()) {
      return before;
    }
    if (before != null) {
      before.end();
    }
    return open.get().keptBy(this::giveBack);
  }

  private void giveBack(ServerUnderChange change) {
    if (change.reloaded()) {
      change.end();
    } else {
      kept.put(change.server().id(), change);
    }
  }

  /** Lets go of all. It can be used again. */
  @Override
  public void close() {
    for (UUID server : kept.keySet()) {
      ServerUnderChange change = kept.remove(server);
      if (change != null) {
        change.end();
      }
    }
  }
}
