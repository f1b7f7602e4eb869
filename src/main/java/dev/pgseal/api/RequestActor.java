package dev.pgseal.api;

import dev.pgseal.audit.Actor;
import dev.pgseal.audit.Actors;
import dev.pgseal.audit.CurrentActor;
import io.quarkus.arc.Arc;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** The caller of the request that this thread works on. */
@ApplicationScoped
public class RequestActor implements CurrentActor {

  private final CurrentVertxRequest request;
  private final SecurityIdentity identity;

  RequestActor(CurrentVertxRequest request, SecurityIdentity identity) {
    this.request = request;
    this.identity = identity;
  }

  @Override
  public Actor get() {
    if (!Arc.container().requestContext().isActive()) {
      return Actors.current();
    }
    RoutingContext context = request.getCurrent();
    return context == null
        ? Actors.current()
        : new Actor(name(), origin(context), id(context), null);
  }

  private String name() {
    return identity.isAnonymous() ? "anonymous" : identity.getPrincipal().getName();
  }

  private static @Nullable String origin(RoutingContext context) {
    SocketAddress address = context.request().remoteAddress();
    return address == null ? null : address.hostAddress();
  }

  private static @Nullable String id(RoutingContext context) {
    return context.response().headers().get(RequestIds.HEADER);
  }
}
