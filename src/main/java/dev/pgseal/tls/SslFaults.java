package dev.pgseal.tls;

import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.postgres.SslFileFault;
import dev.pgseal.postgres.SslFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Why PostgreSQL would not build a TLS context from what is configured (be-secure-openssl.c:
 * be_tls_init), as far as it can be seen over SQL: its own words are in a log that cannot be read.
 */
final class SslFaults {

  private static final String MIN = "ssl_min_protocol_version";
  private static final String MAX = "ssl_max_protocol_version";

  private final ServerSettings settings;
  private final SslFiles files;

  SslFaults(ServerSettings settings, SslFiles files) {
    this.settings = settings;
    this.files = files;
  }

  /** Half sentences for people; empty when nothing is seen to be wrong. */
  List<String> sentences(PostgresSession session) {
    Map<String, ServerSetting> now = settings.read(session);
    List<String> sentences = new ArrayList<>();
    boolean asksForPassphrase = "on".equals(value(now, "ssl_passphrase_command_supports_reload"));
    files
        .diagnose(session, value(now, "ssl_cert_file"), value(now, "ssl_key_file"))
        .faults()
        .stream()
        .filter(fault -> fault != SslFileFault.KEY_ENCRYPTED || !asksForPassphrase)
        .map(SslFileFault::sentence)
        .forEach(sentences::add);
    String min = value(now, MIN);
    String max = value(now, MAX);
    // TLSv1 < TLSv1.1 < TLSv1.2 < TLSv1.3, as texts too; no maximum is the empty text
    if (!max.isEmpty() && min.compareTo(max) > 0) {
      sentences.add("%s is %s, above %s, which is %s".formatted(MIN, min, MAX, max));
    }
    return sentences;
  }

  private static String value(Map<String, ServerSetting> settings, String name) {
    ServerSetting setting = settings.get(name);
    return setting == null || setting.value() == null ? "" : setting.value();
  }
}
