package dev.pgseal.server;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where managed servers are kept. Passwords go in, sealed, and come out only through {@link
 * #login}.
 */
public interface ServerStore {

  /**
   * @throws dev.pgseal.problem.PgsealException {@code NAME_TAKEN}
   */
  void insert(ManagedServer server, String password);

  Optional<ManagedServer> find(String name);

  Optional<ManagedServer> find(UUID id);

  /**
   * In the order of their names, beginning after {@code afterName}; all {@code labels} must fit.
   */
  List<ManagedServer> list(Map<String, String> labels, @Nullable String afterName, int limit);

  /**
   * Writes all but id, name and creation time, if the stored revision is still {@code
   * server.revision()}, and raises it.
   *
   * @param password null keeps the present one
   * @throws dev.pgseal.problem.PgsealException {@code PRECONDITION_FAILED}, {@code NOT_FOUND}
   */
  ManagedServer update(ManagedServer server, @Nullable String password);

  /** Records the mode last asked for; does not raise the revision. */
  void setDesiredMode(UUID id, TlsMode mode);

  /** True when it was there. */
  boolean delete(UUID id);

  /** The login with the unsealed password. */
  LoginTarget login(ManagedServer server);
}
