package dev.pgseal.tls;

import dev.pgseal.server.LoginTarget;

/** Looks at a server before it is managed. */
public interface ServerInspection {

  /**
   * @throws dev.pgseal.problem.PgsealException {@code SERVER_UNREACHABLE}, {@code LOGIN_REFUSED},
   *     {@code UNSUPPORTED_SERVER}
   */
  ServerReport inspect(LoginTarget target);
}
