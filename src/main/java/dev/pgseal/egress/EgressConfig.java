package dev.pgseal.egress;

import io.smallrye.config.ConfigMapping;
import java.util.List;
import java.util.Optional;

/** Which addresses pgseal may connect to on behalf of somebody. */
@ConfigMapping(prefix = "pgseal.egress")
public interface EgressConfig {

  /** Networks that are refused beside those that always are, such as {@code 10.0.0.0/8}. */
  Optional<List<String>> deny();

  /** Exceptions from {@link #deny} and from link-local addresses. */
  Optional<List<String>> allow();
}
