package dev.pgseal.tls;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Is told how each server's certificate came about, so that it can be made again. */
public interface InstalledCertificates {

  /**
   * @param authority null when it did not come from one of ours
   * @param keyType name of the {@link dev.pgseal.certificate.KeyType}
   */
  void installed(UUID serverId, @Nullable String authority, String keyType, Duration validity);
}
