package dev.pgseal.postgres;

import dev.pgseal.egress.EgressRule;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.LoginTarget;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Opens sessions with managed servers.
 *
 * <p>Errors: {@code SERVER_UNREACHABLE} (members {@code host}, {@code port}) when no PostgreSQL
 * answers, {@code LOGIN_REFUSED} (members {@code sqlState}, {@code hint}) when it answers but does
 * not let us in, or when its certificate does not satisfy the {@code sslMode}; {@code SERVER_FAULT}
 * for any other error it sends, such as 53300 (too many clients); {@code ADDRESS_REFUSED} where the
 * {@link EgressRule} does not allow the address.
 */
@ApplicationScoped
public class PostgresConnector {

  private static final Duration POOL_LIFE = Duration.ofSeconds(90);
  private static final Duration SWEEP_EVERY = Duration.ofSeconds(30);

  private final Duration connectTimeout;
  private final Duration loginTimeout;
  private final Duration socketTimeout;
  private final EgressRule egress;
  private final ConcurrentMap<UUID, SessionPool> pools = new ConcurrentHashMap<>();
  private @Nullable ScheduledExecutorService sweeper;

  /** With the timeouts of {@link PostgresConnectionConfig}'s defaults. */
  public PostgresConnector() {
    this(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30));
  }

  @Inject
  public PostgresConnector(PostgresConnectionConfig config, EgressRule egress) {
    this(config.connectTimeout(), config.loginTimeout(), config.socketTimeout(), egress);
  }

  public PostgresConnector(Duration connectTimeout, Duration loginTimeout, Duration socketTimeout) {
    this(connectTimeout, loginTimeout, socketTimeout, EgressRule.DEFAULT);
  }

  PostgresConnector(
      Duration connectTimeout, Duration loginTimeout, Duration socketTimeout, EgressRule egress) {
    this.connectTimeout = connectTimeout;
    this.loginTimeout = loginTimeout;
    this.socketTimeout = socketTimeout;
    this.egress = egress;
  }

  /** A fresh session of its own, never pooled: for observing after a reload, locks and secrets. */
  public PostgresSession open(LoginTarget target) {
    SessionOrigin origin = new SessionOrigin(target.host(), target.port());
    Properties properties = properties(target);
    properties.setProperty("user", target.username());
    properties.setProperty("password", target.password());
    Connection connection;
    try {
      connection = new Driver().connect(ConnectionSettings.url(target), properties);
    } catch (SQLException e) {
      throw SqlFaults.ofLogin(e, origin);
    }
    if (connection == null) {
      throw new PgsealException(ProblemType.INTERNAL_ERROR, "pgjdbc did not take its own URL");
    }
    return new PostgresSession(connection, origin, (ended, changed) -> ended.close());
  }

  /**
   * A session from the small pool of this server (at most 3), waiting at most 5 seconds for one.
   * Settings and locks taken in it are undone when it is closed. It may have been connected before
   * the last reload: what a reload did is seen through {@link #open} only.
   */
  public PostgresSession borrow(UUID serverId, LoginTarget target) {
    SessionOrigin origin = new SessionOrigin(target.host(), target.port());
    SessionPool pool = reserved(serverId, target, origin);
    Connection connection;
    try {
      connection = pool.lend();
    } catch (SQLException e) {
      throw SqlFaults.ofLogin(e, origin);
    }
    return new PostgresSession(connection, origin, pool::takeBack);
  }

  /**
   * Closes the pool of this server: on every change of its TLS state, so that pgseal is never
   * itself the last plaintext session. Sessions now lent out are closed when they are given back.
   */
  public void flush(UUID serverId) {
    SessionPool pool = pools.remove(serverId);
    if (pool != null) {
      pool.retire();
    }
  }

  /** Closes all pools. */
  @PreDestroy
  public void close() {
    pools.keySet().forEach(this::flush);
    synchronized (this) {
      if (sweeper != null) {
        sweeper.shutdownNow();
        sweeper = null;
      }
    }
  }

  private SessionPool reserved(UUID serverId, LoginTarget target, SessionOrigin origin) {
    startSweeper();
    while (true) {
      SessionPool pool =
          pools.compute(
              serverId,
              (id, present) -> {
                if (present != null && present.serves(target)) {
                  return present;
                }
                if (present != null) {
                  present.retire();
                }
                return newPool(target, origin);
              });
      if (pool.reserve()) {
        return pool;
      }
      pools.remove(serverId, pool);
    }
  }

  private SessionPool newPool(LoginTarget target, SessionOrigin origin) {
    try {
      return new SessionPool(target, properties(target), loginTimeout);
    } catch (SQLException e) {
      throw SqlFaults.ofLogin(e, origin);
    }
  }

  private Properties properties(LoginTarget target) {
    return ConnectionSettings.properties(
        target, connectTimeout, loginTimeout, socketTimeout, egress);
  }

  private synchronized void startSweeper() {
    if (sweeper == null) {
      sweeper =
          Executors.newSingleThreadScheduledExecutor(
              task -> {
                Thread thread = new Thread(task, "pgseal-session-pools");
                thread.setDaemon(true);
                return thread;
              });
      long every = SWEEP_EVERY.toSeconds();
      sweeper.scheduleWithFixedDelay(() -> retireUnused(POOL_LIFE), every, every, TimeUnit.SECONDS);
    }
  }

  void retireUnused(Duration unusedFor) {
    pools.forEach(
        (id, pool) -> {
          if (pool.unusedFor(unusedFor) && pools.remove(id, pool)) {
            pool.retire();
          }
        });
  }

  int poolCount() {
    return pools.size();
  }
}
