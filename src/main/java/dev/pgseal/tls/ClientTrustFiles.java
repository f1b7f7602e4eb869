package dev.pgseal.tls;

import dev.pgseal.postgres.FileMode;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFiles;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The files by which a server judges client certificates, below {@code
 * <data_directory>/pgseal/trust}.
 */
@ApplicationScoped
public class ClientTrustFiles {

  static final String AUTHORITIES_SETTING = "pgseal/trust/clients.crt";
  static final String LISTS_SETTING = "pgseal/trust/clients.crl";

  private final ServerFiles files;

  public ClientTrustFiles(ServerFiles files) {
    this.files = files;
  }

  public Optional<String> authorities(PostgresSession session) {
    return read(session, AUTHORITIES_SETTING);
  }

  public Optional<String> lists(PostgresSession session) {
    return read(session, LISTS_SETTING);
  }

  public void writeAuthorities(PostgresSession session, String pem) {
    write(session, AUTHORITIES_SETTING, pem);
  }

  public void writeLists(PostgresSession session, String pem) {
    write(session, LISTS_SETTING, pem);
  }

  /**
   * Puts both back as they were.
   *
   * @param authorities null when it was not there
   * @param lists null when it was not there
   */
  void restore(PostgresSession session, @Nullable String authorities, @Nullable String lists) {
    restoreOne(session, AUTHORITIES_SETTING, authorities);
    restoreOne(session, LISTS_SETTING, lists);
  }

  private void restoreOne(PostgresSession session, String path, @Nullable String content) {
    if (content != null) {
      write(session, path, content);
    } else if (files.exists(session, path)) {
      files.removeTree(session, absolute(session, path));
    }
  }

  private Optional<String> read(PostgresSession session, String path) {
    return files
        .readIfExists(session, path)
        .map(bytes -> new String(bytes, StandardCharsets.US_ASCII));
  }

  private void write(PostgresSession session, String path, String pem) {
    files.createDirectory(session, CertificateFiles.base(session) + "/trust");
    files.replace(
        session,
        absolute(session, path),
        pem.getBytes(StandardCharsets.US_ASCII),
        FileMode.OWNER_ONLY);
  }

  private static String absolute(PostgresSession session, String path) {
    return CertificateFiles.base(session) + path.substring("pgseal".length());
  }
}
