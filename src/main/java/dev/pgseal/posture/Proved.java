package dev.pgseal.posture;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What pgseal last left on a server, against which drift is measured.
 *
 * @param certificate fingerprint of the certificate installed last; null when none was
 * @param hbaSha256 of the pg_hba.conf written last; null when none was
 * @param settings as the first scan after pgseal's last change saw them; empty when there was none
 */
public record Proved(
    @Nullable String certificate, @Nullable String hbaSha256, Map<String, String> settings) {

  public Proved {
    settings = Map.copyOf(settings);
  }
}
