package dev.pgseal.postgres;

import dev.pgseal.server.LoginTarget;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.AgroalConnectionPoolConfiguration.ConnectionValidator;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * A few connections to one server, kept for a minute. A retired pool lends no more; it closes its
 * idle connections at once and itself with the last session that comes back, so that nobody's
 * statement is cut.
 */
final class SessionPool {

  private static final int MAX_CONNECTIONS = 3;
  private static final Duration ACQUISITION_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration IDLE_TIME = Duration.ofSeconds(60);

  private final LoginTarget target;
  private final AgroalDataSource dataSource;
  private int lent;
  private long lastUsed = System.nanoTime();
  private boolean retired;

  SessionPool(LoginTarget target, Properties properties, Duration loginTimeout)
      throws SQLException {
    this.target = target;
    var configuration =
        new AgroalDataSourceConfigurationSupplier()
            .connectionPoolConfiguration(
                pool ->
                    pool.initialSize(0)
                        .minSize(0)
                        .maxSize(MAX_CONNECTIONS)
                        .acquisitionTimeout(ACQUISITION_TIMEOUT)
                        .reapTimeout(IDLE_TIME)
                        .validateOnBorrow(true)
                        .connectionValidator(ConnectionValidator.defaultValidatorWithTimeout(3))
                        .connectionFactoryConfiguration(
                            factory -> {
                              properties.forEach(
                                  (name, value) ->
                                      factory.jdbcProperty(name.toString(), value.toString()));
                              return factory
                                  .connectionProviderClass(Driver.class)
                                  .jdbcUrl(ConnectionSettings.url(target))
                                  .loginTimeout(loginTimeout)
                                  .autoCommit(true)
                                  .principal(new NamePrincipal(target.username()))
                                  .credential(new SimplePassword(target.password()));
                            }));
    this.dataSource = AgroalDataSource.from(configuration);
  }

  /** The pool was made for exactly this login. */
  boolean serves(LoginTarget wanted) {
    return target.equals(wanted);
  }

  /** Must be followed by {@link #lend} when true. */
  synchronized boolean reserve() {
    if (retired) {
      return false;
    }
    lent++;
    lastUsed = System.nanoTime();
    return true;
  }

  Connection lend() throws SQLException {
    try {
      return dataSource.getConnection();
    } catch (SQLException | RuntimeException e) {
      returned();
      throw e;
    }
  }

  /** Takes a connection back; settings and locks of a changed session are put back first. */
  void takeBack(Connection connection, boolean changed) throws SQLException {
    try (connection) {
      if (changed) {
        try (Statement statement = connection.createStatement()) {
          statement.execute("DISCARD ALL");
        }
      }
    } finally {
      returned();
    }
  }

  private synchronized void returned() {
    lent--;
    lastUsed = System.nanoTime();
    closeWhenDone();
  }

  synchronized boolean unusedFor(Duration time) {
    return lent == 0 && System.nanoTime() - lastUsed > time.toNanos();
  }

  synchronized void retire() {
    if (!retired) {
      retired = true;
      if (lent > 0) {
        dataSource.flush(AgroalDataSource.FlushMode.IDLE);
      }
      closeWhenDone();
    }
  }

  private void closeWhenDone() {
    if (retired && lent == 0) {
      dataSource.close();
    }
  }
}
