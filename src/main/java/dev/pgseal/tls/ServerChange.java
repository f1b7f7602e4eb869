package dev.pgseal.tls;

import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import java.util.function.Function;

/** Runs one changing operation of a request on a server, under its lock. */
@ApplicationScoped
public class ServerChange {

  private final ServerAccess access;

  public ServerChange(ServerAccess access) {
    this.access = access;
  }

  /**
   * @param operation for people, shown to whoever finds the server locked, such as {@code PUT ssl}
   */
  public <T> T run(
      ManagedServer server, String caller, String operation, Function<ServerUnderChange, T> work) {
    try (ServerUnderChange change =
        access.openForChange(server, "request/" + UUID.randomUUID(), operation + " by " + caller)) {
      return work.apply(change);
    }
  }
}
