package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Grant;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * The servers that the caller's grant is good for; another one is not there for them. Resources
 * find servers through this and in no other way ({@code AccessTest}).
 */
@ApplicationScoped
public class VisibleServers {

  private final ServerStore servers;
  private final Caller caller;

  public VisibleServers(ServerStore servers, Caller caller) {
    this.servers = servers;
    this.caller = caller;
  }

  /**
   * @throws PgsealException {@code NOT_FOUND}, the same for a server that does not exist and one
   *     that the caller may not see
   */
  public ManagedServer require(String name) {
    MDC.put("server", name);
    return servers
        .find(name)
        .filter(server -> caller.grant().covers(server.labels()))
        .orElseThrow(
            () ->
                new PgsealException(ProblemType.NOT_FOUND, "There is no server named " + name)
                    .with("server", name)
                    .hint("GET /v1/servers lists the servers"));
  }

  /**
   * @throws PgsealException {@code NOT_FOUND} for the first that the caller may not see
   */
  public void requireAll(Collection<String> names) {
    names.forEach(this::require);
  }

  boolean contains(UUID id) {
    return servers.find(id).filter(server -> caller.grant().covers(server.labels())).isPresent();
  }

  /** As {@link ServerStore#list}, without those that the caller may not see. */
  List<ManagedServer> list(Map<String, String> labels, @Nullable String afterName, int limit) {
    return visible(labels).map(all -> servers.list(all, afterName, limit)).orElse(List.of());
  }

  /** These labels and those of the caller's grant; empty when no server can have all of them. */
  Optional<Map<String, String>> visible(Map<String, String> labels) {
    Map<String, String> all = new HashMap<>(labels);
    for (Map.Entry<String, String> mine : caller.grant().serverLabels().entrySet()) {
      String asked = all.put(mine.getKey(), mine.getValue());
      if (asked != null && !asked.equals(mine.getValue())) {
        return Optional.empty();
      }
    }
    return Optional.of(all);
  }

  /**
   * Keeps a server from getting labels with which its own maker does not see it any more.
   *
   * @throws PgsealException {@code FORBIDDEN}
   */
  void requireStaysVisible(Map<String, String> labels) {
    Grant grant = caller.grant();
    if (!grant.covers(labels)) {
      throw new PgsealException(
              ProblemType.FORBIDDEN, "The token is good for servers with certain labels only")
          .with("serverLabels", grant.serverLabels())
          .hint("Give the server these labels, beside others of its own");
    }
  }

  /**
   * For what belongs to no server.
   *
   * @param what such as {@code A client certificate}
   * @throws PgsealException {@code FORBIDDEN} when the caller is limited to some servers
   */
  void requireWholeFleet(String what) {
    Grant grant = caller.grant();
    if (!grant.wholeFleet()) {
      throw new PgsealException(
              ProblemType.FORBIDDEN,
              what + " reaches beyond the servers that the token is good for")
          .with("serverLabels", grant.serverLabels())
          .hint("It takes a token that is not limited to some servers");
    }
  }
}
