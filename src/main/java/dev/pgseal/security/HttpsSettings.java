package dev.pgseal.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The {@code pgseal.https.*} properties: HTTPS on the API itself. Both files together switch it on,
 * and then there is no plain HTTP beside it unless {@code quarkus.http.insecure-requests} says so.
 */
@ConfigMapping(prefix = "pgseal.https")
public interface HttpsSettings {

  /** The name in Quarkus' TLS registry, {@code quarkus.tls.pgseal.*}. */
  String TLS_CONFIGURATION = "pgseal";

  /** PEM: the certificate, then its intermediates. */
  Optional<Path> certificateFile();

  /** PEM: the certificate's private key, not encrypted. */
  Optional<Path> keyFile();

  /** How often the files are looked at, those of {@code pgseal.mtls} too. */
  @WithDefault("1m")
  Duration reloadPeriod();
}
