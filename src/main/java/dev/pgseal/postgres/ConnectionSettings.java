package dev.pgseal.postgres;

import dev.pgseal.egress.EgressRule;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.LoginTarget;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Properties;
import java.util.regex.Pattern;
import org.postgresql.PGProperty;

/** What pgjdbc is told for a {@link LoginTarget}: URL and properties. */
final class ConnectionSettings {

  static final String APPLICATION_NAME = "pgseal";

  /** A host name or address and nothing that a JDBC URL reads as more than that. */
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]{1,253}");

  /** Times the longest silence; the time for a whole answer. */
  private static final int ANSWER = 3;

  private ConnectionSettings() {}

  static String url(LoginTarget target) {
    String host = target.host();
    if (!HOST.matcher(host).matches()) {
      throw new PgsealException(
          ProblemType.VALIDATION_FAILED, "host must be a name or an IP address");
    }
    String bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    String database = URLEncoder.encode(target.database(), StandardCharsets.UTF_8);
    return "jdbc:postgresql://" + bracketed + ":" + target.port() + "/" + database;
  }

  /** All but user and password. */
  static Properties properties(
      LoginTarget target, Duration connect, Duration login, Duration socket, EgressRule egress) {
    requireAuthority(target);
    Properties properties = new Properties();
    PGProperty.APPLICATION_NAME.set(properties, APPLICATION_NAME);
    // sends application_name in the startup packet, not as a statement of its own
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
    PGProperty.CONNECT_TIMEOUT.set(properties, (int) connect.toSeconds());
    PGProperty.LOGIN_TIMEOUT.set(properties, (int) login.toSeconds());
    PGProperty.SOCKET_TIMEOUT.set(properties, (int) socket.toSeconds());
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.SOCKET_FACTORY.set(properties, SessionSocketFactory.class.getName());
    PGProperty.SOCKET_FACTORY_ARG.set(
        properties, SessionSocketFactory.argument(socket.multipliedBy(ANSWER), egress));
    PGProperty.PREFER_QUERY_MODE.set(properties, "extended");
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    // unnamed statements only: nothing of a statement outlives it on the server
    PGProperty.PREPARE_THRESHOLD.set(properties, 0);
    PGProperty.PREPARED_STATEMENT_CACHE_QUERIES.set(properties, 0);
    // DETAIL and CONTEXT may quote bound values
    PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
    // a superuser must not be led to functions that somebody left in a writable schema
    PGProperty.OPTIONS.set(
        properties,
        "-c search_path=pg_catalog,pg_temp -c standard_conforming_strings=on"
            + " -c default_transaction_read_only=off"
            // a backend whose client's host died must not hold its locks for hours
            + " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3");
    PGProperty.SSL_MODE.set(properties, target.sslMode().parameter());
    PGProperty.SSL_FACTORY.set(properties, PemSocketFactory.class.getName());
    PGProperty.SSL_FACTORY_ARG.set(properties, trusted(target));
    return properties;
  }

  private static void requireAuthority(LoginTarget target) {
    if (!target.sslMode().verifies()) {
      return;
    }
    if (trusted(target).isBlank()) {
      throw new PgsealException(
              ProblemType.LOGIN_REFUSED,
              "sslMode " + target.sslMode() + " needs a certificate authority to verify against")
          .hint("Give the authority's PEM as sslRootCertificate.");
    }
    try {
      new PemSocketFactory(trusted(target));
    } catch (GeneralSecurityException | IOException e) {
      throw new PgsealException(
              ProblemType.CERTIFICATE_INVALID, "sslRootCertificate is not a PEM certificate", e)
          .hint("Give the authority's certificate, -----BEGIN CERTIFICATE----- and all.");
    }
  }

  private static String trusted(LoginTarget target) {
    String pem = target.sslRootCertificate();
    return target.sslMode().verifies() && pem != null ? pem : "";
  }
}
