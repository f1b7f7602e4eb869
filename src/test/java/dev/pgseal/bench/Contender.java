package dev.pgseal.bench;

import java.net.http.HttpRequest;
import java.time.Duration;

/** A service that issues certificates over HTTP on this machine. */
interface Contender extends AutoCloseable {

  String name();

  /** Issues a certificate for the key of this CSR. */
  HttpRequest sign(String csrPem);

  /** Makes an ECDSA P-256 key and issues a certificate for it. */
  HttpRequest newKey();

  /** Whether the body of a 2xx answer has a certificate in it. */
  boolean issued(String body);

  /** CPU time that all its processes took so far. */
  Duration cpu();

  /** What of {@link #cpu} the database took. */
  default Duration databaseCpu() {
    return Duration.ZERO;
  }

  @Override
  void close();

  static Duration cpu(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }
}
