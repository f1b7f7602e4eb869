package dev.pgseal.tls;

import java.time.Instant;

/**
 * A private certificate authority as it is kept; its key is read apart.
 *
 * @param certificateChain PEM, the authority's own certificate first
 * @param keyType such as {@code EC_P256}
 */
public record StoredAuthority(
    String name, String certificateChain, String keyType, Instant createdAt) {}
