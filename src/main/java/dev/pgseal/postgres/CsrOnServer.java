package dev.pgseal.postgres;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;

/**
 * Makes a private key on the server itself, with its openssl command: the key never crosses the
 * network, only the certificate signing request comes back.
 */
@ApplicationScoped
public class CsrOnServer {

  private final ServerFiles files = new ServerFiles();

  /** The server's host has an openssl command. */
  public boolean possible(PostgresSession session) {
    return files.commandExists(session, "openssl");
  }

  /**
   * Leaves {@code server.key} (0600) and {@code server.csr} in the directory. A key that is there
   * already is kept and asked for again, so that repeating the step does not orphan a certificate.
   *
   * @param directory must exist
   * @param names the subjectAltName to ask for, as openssl's configuration has it ({@code
   *     DNS:db.example.com,IP:10.0.0.5}); an issuer of ours does not look at it, a CA outside does
   * @return PEM of the request, without a subject
   * @throws dev.pgseal.problem.PgsealException {@code FILE_NOT_WRITTEN}
   */
  public String make(PostgresSession session, String directory, KeyOnServer kind, String names) {
    new ScriptRunner(session)
        .run(
            ServerScript.MAKE_CSR,
            "A key and its request cannot be made in " + directory,
            new ScriptInput().header(directory).header(kind.argument()).header(names));
    return new String(files.read(session, directory + "/server.csr"), StandardCharsets.US_ASCII);
  }
}
