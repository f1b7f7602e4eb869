package dev.pgseal.embedded;

import io.quarkus.arc.Unremovable;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** The {@code pgseal.*} properties of this package. */
@Unremovable // no bean asks for it, and a key without a mapping fails the start
@ConfigMapping(prefix = "pgseal")
public interface EmbeddedSettings {

  /**
   * Where the embedded control database, its key set and the first admin token live. Not touched
   * when {@code quarkus.datasource.jdbc.url} is set.
   */
  @WithDefault("pgseal-data")
  Path dataDirectory();
}
