package dev.pgseal.testing;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Servers that all tests of a class share, one per major, started when first asked for and closed
 * after the last test.
 *
 * <pre>{@code
 * @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();
 *
 * @PostgresMajors
 * void something(int major) {
 *   PostgresServer server = SERVERS.on(major);
 * }</pre>
 */
public final class SharedPostgres implements AfterAllCallback {

  private final Map<Integer, PostgresServer> servers = new ConcurrentHashMap<>();
  private final UnaryOperator<PostgresServerBuilder> setup;

  public SharedPostgres() {
    this(UnaryOperator.identity());
  }

  /**
   * @param setup applied to the builder of each server
   */
  public SharedPostgres(UnaryOperator<PostgresServerBuilder> setup) {
    this.setup = setup;
  }

  /** The server of a major. */
  public PostgresServer on(int major) {
    return servers.computeIfAbsent(major, m -> setup.apply(PostgresServer.builder(m)).start());
  }

  /** A server of the newest major that this run has, for tests that need only one. */
  public PostgresServer latest() {
    return on(PostgresServer.latestMajor());
  }

  /** Those that a test has asked for so far. */
  public Collection<PostgresServer> started() {
    return List.copyOf(servers.values());
  }

  @Override
  public void afterAll(ExtensionContext context) {
    servers.values().forEach(PostgresServer::close);
    servers.clear();
  }
}
