package dev.pgseal.api;

import dev.pgseal.posture.FindingCode;
import dev.pgseal.posture.Grade;
import dev.pgseal.posture.Posture;
import dev.pgseal.posture.PostureQuery;
import dev.pgseal.posture.PostureStore;
import dev.pgseal.posture.ServerPosture;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The postures of the servers that the caller's grant is good for ({@code AccessTest}). */
@ApplicationScoped
public class VisiblePostures {

  private final PostureStore postures;
  private final VisibleServers servers;

  public VisiblePostures(PostureStore postures, VisibleServers servers) {
    this.postures = postures;
    this.servers = servers;
  }

  /** What a caller asks for of the fleet. */
  record Filter(Map<String, String> labels, @Nullable Grade grade, @Nullable FindingCode finding) {}

  /**
   * @throws dev.pgseal.problem.PgsealException {@code NOT_FOUND}
   */
  Posture require(String name) {
    ManagedServer server = servers.require(name);
    return postures.find(server.id()).orElseGet(() -> Posture.notScanned(name));
  }

  List<ServerPosture> list(Filter filter, @Nullable String afterName, int limit) {
    return query(filter).map(query -> postures.list(query, afterName, limit)).orElse(List.of());
  }

  Map<Grade, Integer> summary(Filter filter) {
    return query(filter).map(postures::summary).orElseGet(() -> new EnumMap<>(Grade.class));
  }

  private Optional<PostureQuery> query(Filter filter) {
    return servers
        .visible(filter.labels())
        .map(labels -> new PostureQuery(labels, filter.grade(), filter.finding()));
  }
}
