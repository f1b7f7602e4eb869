package dev.pgseal.security;

import io.quarkus.runtime.Startup;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;

/** Opens the key set when the service starts, so that a missing one fails the start. */
@Singleton
class SecretsProducer {

  @Produces
  @Singleton
  @Startup
  Secrets secrets(SecuritySettings settings) {
    Path file =
        settings
            .keysetFile()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "pgseal.keyset-file (PGSEAL_KEYSET_FILE) must name the Tink key set that"
                            + " seals secrets in the control database"));
    return TinkSecrets.from(file);
  }
}
