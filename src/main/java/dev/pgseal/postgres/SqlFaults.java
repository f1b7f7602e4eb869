package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Turns errors of pgjdbc into problems that a caller can act on.
 *
 * <p>Only the server's primary message is shown (and the DETAIL of a missing privilege): DETAIL and
 * CONTEXT of other errors may quote bound values.
 */
final class SqlFaults {

  private static final String DISK_FULL = "53100";

  private SqlFaults() {}

  /** For an error in an open session. */
  static PgsealException ofStatement(SQLException e, SessionOrigin origin) {
    String state = state(e);
    if (state.equals("42501")) {
      return missingPrivilege(e, origin);
    }
    if (state.startsWith("08") || state.equals("57P01") || state.equals("57P02")) {
      return unreachable(origin, "the connection was lost (" + message(e) + ")", e);
    }
    return fault(e, origin, "%s answered with error %s: %s");
  }

  /** For an error while a session is being opened. */
  static PgsealException ofLogin(SQLException e, SessionOrigin origin) {
    String state = state(e);
    if (state.startsWith("28") || state.equals("3D000") || state.equals("42501")) {
      return refused(origin, message(e), loginHint(state, message(e)), e);
    }
    if (state.startsWith("57P")) {
      return unreachable(origin, message(e), e)
          .hint("The server is starting up or shutting down; try again later.");
    }
    if (serverMessage(e) != null) {
      return fault(e, origin, "%s refused the session with error %s: %s");
    }
    return ofTransport(e, origin);
  }

  private static PgsealException ofTransport(SQLException e, SessionOrigin origin) {
    RefusedAddressException address = cause(e, RefusedAddressException.class);
    if (address != null) {
      return new PgsealException(
              ProblemType.ADDRESS_REFUSED,
              "pgseal does not connect to " + origin + ": " + address.getMessage(),
              e)
          .hint("An administrator of pgseal can allow it: pgseal.egress.allow");
    }
    if (message(e).startsWith("The server does not support SSL")) {
      return refused(
          origin,
          "the server does not offer TLS, and the sslMode of this login insists on it",
          "Use sslMode PREFER until TLS is switched on.",
          e);
    }
    if (message(e).startsWith("The hostname") || message(e).startsWith("Server name validation")) {
      return refused(
          origin,
          "the server's certificate does not name this host",
          "Issue a certificate whose subjectAltName holds the host pgseal connects to, or use "
              + "sslMode VERIFY_CA.",
          e);
    }
    SSLException tls = cause(e, SSLException.class);
    if (tls != null) {
      return refused(
          origin,
          "the TLS handshake failed: " + tls.getMessage(),
          "Check that sslRootCertificate holds the authority that issued the server's certificate "
              + "and that the certificate is within its dates.",
          e);
    }
    if (state(e).equals("08004")) {
      return refused(origin, message(e), "Check the user name and the password.", e);
    }
    return unreachable(origin, reason(e), e);
  }

  private static String reason(SQLException e) {
    UnknownHostException unknown = cause(e, UnknownHostException.class);
    if (unknown != null) {
      return "unknown host";
    }
    if (cause(e, SocketTimeoutException.class) != null || message(e).contains("timed out")) {
      return "no answer in time";
    }
    if (cause(e, NoRouteToHostException.class) != null) {
      return "no route to host";
    }
    ConnectException connect = cause(e, ConnectException.class);
    if (connect != null) {
      return String.valueOf(connect.getMessage()).contains("refused")
          ? "connection refused"
          : String.valueOf(connect.getMessage());
    }
    return message(e);
  }

  private static PgsealException missingPrivilege(SQLException e, SessionOrigin origin) {
    ServerErrorMessage server = serverMessage(e);
    String detail = server == null ? null : server.getDetail();
    String text =
        "The login of "
            + origin
            + " lacks a privilege: "
            + message(e)
            + (detail == null ? "" : ". " + detail);
    return new PgsealException(ProblemType.PRIVILEGE_MISSING, text, e)
        .with("sqlState", "42501")
        .hint("Use a superuser, or grant what the server's entry lists under missingPrivileges.");
  }

  private static PgsealException refused(
      SessionOrigin origin, String reason, String hint, SQLException e) {
    return new PgsealException(
            ProblemType.LOGIN_REFUSED, "The login at " + origin + " was refused: " + reason, e)
        .with("sqlState", state(e))
        .hint(hint);
  }

  private static String loginHint(String state, String message) {
    if (state.equals("28P01")) {
      return "Check the user name and the password.";
    }
    if (state.equals("3D000")) {
      return "Name a database that exists; \"postgres\" usually does.";
    }
    if (message.contains("pg_hba.conf")) {
      return "pg_hba.conf must admit this user, database, address and encryption.";
    }
    return "Check the user, its LOGIN attribute and what pg_hba.conf asks of it.";
  }

  private static PgsealException unreachable(
      SessionOrigin origin, String reason, SQLException cause) {
    return new PgsealException(
            ProblemType.SERVER_UNREACHABLE, origin + " cannot be reached: " + reason, cause)
        .with("host", origin.host())
        .with("port", origin.port())
        .hint("Check that PostgreSQL runs there and that the network lets pgseal reach it.");
  }

  private static PgsealException fault(SQLException e, SessionOrigin origin, String sentence) {
    PgsealException problem =
        new PgsealException(
                ProblemType.SERVER_FAULT, sentence.formatted(origin, state(e), message(e)), e)
            .with("sqlState", state(e));
    ServerErrorMessage server = serverMessage(e);
    if (state(e).equals(DISK_FULL)) {
      return problem.hint("Free space on the server's disk.");
    }
    return server == null || server.getHint() == null ? problem : problem.hint(server.getHint());
  }

  static String state(SQLException e) {
    return e.getSQLState() == null ? "" : e.getSQLState();
  }

  /** The primary message, without severity, DETAIL or CONTEXT. */
  static String message(SQLException e) {
    ServerErrorMessage server = serverMessage(e);
    String message = server == null ? e.getMessage() : server.getMessage();
    return message == null ? "no message" : message;
  }

  static @Nullable ServerErrorMessage serverMessage(SQLException e) {
    PSQLException postgres = e instanceof PSQLException p ? p : cause(e, PSQLException.class);
    return postgres == null ? null : postgres.getServerErrorMessage();
  }

  static <T extends Throwable> @Nullable T cause(Throwable e, Class<T> type) {
    for (Throwable t = e.getCause(); t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return type.cast(t);
      }
    }
    return null;
  }
}
