package dev.pgseal.posture;

import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.SslState;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that the findings are made of.
 *
 * @param leaf the certificate that was served
 * @param uncovered endpoints that it does not name
 * @param keyElsewhere whether pgseal put the same certificate onto another server
 * @param expiresSoon see {@link PostureConfig#expiresSoon()}
 */
record Observation(
    ManagedServer server,
    SslState state,
    @Nullable X509Certificate leaf,
    List<String> uncovered,
    boolean keyElsewhere,
    Inside inside,
    ProtocolFloor protocols,
    Proved proved,
    Instant now,
    Duration expiresSoon) {}
