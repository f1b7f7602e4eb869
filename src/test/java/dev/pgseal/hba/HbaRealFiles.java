package dev.pgseal.hba;

import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Files as servers have them: what initdb makes of the server's own sample, and those in {@code
 * src/test/resources/hba}, laid out as distributions, cluster managers and administrators do.
 */
final class HbaRealFiles {

  private static final List<String> NAMES =
      List.of("debian", "cluster", "operator", "certificates", "company", "windows");

  private HbaRealFiles() {}

  /** Byte texts. */
  static List<String> on(PostgresServer server) throws IOException {
    var files = new ArrayList<String>();
    for (String name : NAMES) {
      try (InputStream in = HbaRealFiles.class.getResourceAsStream("/hba/" + name + ".conf")) {
        files.add(HbaText.ofBytes(Objects.requireNonNull(in, name).readAllBytes()));
      }
    }
    String sample =
        Objects.requireNonNull(
            server.query(
                "SELECT pg_read_file(setting || '/pg_hba.conf.sample')"
                    + " FROM pg_config WHERE name = 'SHAREDIR'"));
    files.add(
        sample
            .replace("@remove-line-for-nolocal@", "")
            .replace("@authcomment@", "# CAUTION: trust for local connections")
            .replace("@authmethodlocal@", "trust")
            .replace("@authmethodhost@", "scram-sha-256"));
    return files;
  }
}
