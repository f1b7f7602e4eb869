package dev.pgseal.rollout;

import dev.pgseal.server.ServerStore;

/** From when on the servers of a rollout are asked for to be as it says. */
final class DesiredMode {

  private DesiredMode() {}

  static void set(ServerStore servers, RolloutRequest request) {
    for (String name : request.servers()) {
      servers.find(name).ifPresent(server -> servers.setDesiredMode(server.id(), request.target()));
    }
  }
}
