package dev.pgseal.server;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server that pgseal manages; its password is kept apart, sealed.
 *
 * @param id never reused, also when a deleted server's name is
 * @param name unique; the path segment in {@code /v1/servers/{server}}; lower-case letters, digits
 *     and hyphens, at most 63
 * @param endpoints names and addresses that clients use to reach it; they become subjectAltNames
 * @param sslRootCertificate PEM of the authorities that our own verified connections trust
 * @param desiredMode the mode last asked for (the <em>requested</em> face), null before the first
 *     request
 * @param revision raised by every change; the ETag
 */
public record ManagedServer(
    UUID id,
    String name,
    String host,
    int port,
    String database,
    String username,
    ConnectionSslMode sslMode,
    @Nullable String sslRootCertificate,
    List<String> endpoints,
    Map<String, String> labels,
    @Nullable TlsMode desiredMode,
    long revision,
    Instant createdAt,
    Instant updatedAt) {

  public ManagedServer {
    endpoints = List.copyOf(endpoints);
    labels = Map.copyOf(labels);
  }

  /** The login of this server with its unsealed password. */
  public LoginTarget login(String password) {
    return new LoginTarget(host, port, database, username, password, sslMode, sslRootCertificate);
  }
}
