package dev.pgseal.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;

/** The {@code pgseal.*} properties of this package. */
@ConfigMapping(prefix = "pgseal")
public interface SecuritySettings {

  /** The Tink key set (JSON) that seals secrets in the control database. */
  Optional<Path> keysetFile();

  /** The admin token that is stored when the control database holds no token yet. */
  Optional<String> bootstrapToken();

  /** Serve plain HTTP on an address that is not loopback: TLS ends in front of pgseal. */
  @WithDefault("false")
  boolean acceptPlainHttp();
}
