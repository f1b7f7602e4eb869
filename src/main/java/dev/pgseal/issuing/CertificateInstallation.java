package dev.pgseal.issuing;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that was put onto a server.
 *
 * @param server the server's name
 * @param generation name of its directory
 * @param directory absolute path on the server
 * @param served whether the last handshake showed this certificate; null when none was seen yet
 * @param observedAt when that was
 */
public record CertificateInstallation(
    UUID certificateId,
    UUID serverId,
    String server,
    String generation,
    String directory,
    Instant installedAt,
    @Nullable Boolean served,
    @Nullable Instant observedAt) {}
