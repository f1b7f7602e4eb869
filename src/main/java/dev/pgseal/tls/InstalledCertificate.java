package dev.pgseal.tls;

import dev.pgseal.certificate.CertificateDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that lies on its server.
 *
 * @param chainPem as in {@code ssl_cert_file}, leaf first
 * @param generation the directory's name
 * @param directory absolute path on the server
 * @param servedFingerprint what a handshake showed afterwards; null while {@code ssl} is off
 */
public record InstalledCertificate(
    CertificateDescription certificate,
    String chainPem,
    String generation,
    String directory,
    KeyOrigin keyOrigin,
    @Nullable String servedFingerprint,
    List<String> warnings) {}
