package dev.pgseal.issuing;

import java.time.Instant;
import java.util.UUID;

/**
 * A certificate that was put onto a server.
 *
 * @param server the server's name
 * @param generation name of its directory
 * @param directory absolute path on the server
 */
public record CertificateInstallation(
    UUID certificateId,
    UUID serverId,
    String server,
    String generation,
    String directory,
    Instant installedAt) {}
