package dev.pgseal.acme;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.net.URI;

/** Where requests may go: https, or plain http that does not leave this host. */
final class SecureUri {

  private SecureUri() {}

  /**
   * @param field the name of the request's field that it came in
   * @throws PgsealException {@code VALIDATION_FAILED}
   */
  static URI require(URI uri, String field) {
    if (!isSecure(uri)) {
      throw new PgsealException(
              ProblemType.VALIDATION_FAILED,
              field + " must be an https URL; http only to 127.0.0.1, [::1] or localhost")
          .with("field", field);
    }
    return uri;
  }

  static boolean isSecure(URI uri) {
    String host = uri.getHost();
    if (host == null || uri.getRawUserInfo() != null) {
      return false;
    }
    return "https".equalsIgnoreCase(uri.getScheme())
        || "http".equalsIgnoreCase(uri.getScheme()) && isLoopback(host);
  }

  /** By its text alone: a name may lead elsewhere the next time it is looked up. */
  private static boolean isLoopback(String host) {
    return host.equalsIgnoreCase("localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.[0-9]{1,3}){3}");
  }
}
