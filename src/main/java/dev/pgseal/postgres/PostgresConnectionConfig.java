package dev.pgseal.postgres;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long pgseal waits for a managed server. */
@ConfigMapping(prefix = "pgseal.postgres")
public interface PostgresConnectionConfig {

  /** Longest wait for the TCP connection. */
  @WithDefault("5s")
  Duration connectTimeout();

  /** Longest time for the whole login: TCP, TLS and authentication. */
  @WithDefault("10s")
  Duration loginTimeout();

  /** Longest silence of a server while a statement runs; the session is given up after it. */
  @WithDefault("30s")
  Duration socketTimeout();
}
