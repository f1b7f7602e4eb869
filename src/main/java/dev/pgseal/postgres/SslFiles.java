package dev.pgseal.postgres;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Looks at the certificate and key files of a server with the eyes of the server. Its log, where
 * PostgreSQL gives the reason for not taking them, cannot be read over SQL as a rule.
 */
@ApplicationScoped
public class SslFiles {

  private static final String COMPARED = "compared";

  /**
   * @param certificatePath as {@code ssl_cert_file} has it: relative to the data directory, or
   *     absolute; {@code keyPath} likewise
   */
  public SslFileDiagnosis diagnose(
      PostgresSession session, String certificatePath, String keyPath) {
    byte[] output =
        new ScriptRunner(session)
            .output(
                ServerScript.DIAGNOSE_SSL_FILES,
                "The certificate and key files cannot be looked at",
                new ScriptInput().header(certificatePath).header(keyPath));
    List<String> lines = new String(output, StandardCharsets.US_ASCII).lines().toList();
    return new SslFileDiagnosis(
        lines.stream().filter(line -> !line.equals(COMPARED)).map(SslFileFault::valueOf).toList(),
        lines.contains(COMPARED));
  }
}
