package dev.pgseal.webhook;

import java.net.HttpURLConnection;
import org.jspecify.annotations.Nullable;

/**
 * How one attempt to deliver ended.
 *
 * @param status of the answer, null when there was none
 * @param problem null when the receiver took it
 */
record Attempt(@Nullable Integer status, @Nullable String problem) {

  static Attempt answered(int status) {
    if (status >= 200 && status < 300) {
      return new Attempt(status, null);
    }
    boolean redirect = status >= 300 && status < 400;
    return new Attempt(
        status, "answered " + status + (redirect ? "; redirects are not followed" : ""));
  }

  static Attempt failed(String problem) {
    return new Attempt(null, problem);
  }

  boolean taken() {
    return problem == null;
  }

  /** The receiver wants nothing more (Standard Webhooks; RFC 9110 §15.5.11). */
  boolean gone() {
    return status != null && status == HttpURLConnection.HTTP_GONE;
  }
}
