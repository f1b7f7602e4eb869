package dev.pgseal.postgres;

import java.util.List;

/**
 * What stands between two files and PostgreSQL, as the server's own user sees them.
 *
 * @param faults empty when none was found
 * @param keyCompared the key was compared with the certificate (needs openssl on the server)
 */
public record SslFileDiagnosis(List<SslFileFault> faults, boolean keyCompared) {
  public SslFileDiagnosis {
    faults = List.copyOf(faults);
  }
}
