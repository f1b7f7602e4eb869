package dev.pgseal.postgres;

import java.time.Instant;

/** The clock of a server, by which {@code backend_start} is told. */
public final class ServerClock {

  private ServerClock() {}

  public static Instant now(PostgresSession session) {
    return session
        .queryOne("SELECT clock_timestamp()", row -> row.getTimestamp(1).toInstant())
        .orElseThrow();
  }
}
