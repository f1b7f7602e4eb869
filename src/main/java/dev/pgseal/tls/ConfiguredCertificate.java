package dev.pgseal.tls;

import dev.pgseal.certificate.Pem;
import dev.pgseal.postgres.Fingerprints;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFiles;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.problem.PgsealException;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The certificate that lies in the configured {@code ssl_cert_file}: what ought to be served. */
@ApplicationScoped
public class ConfiguredCertificate {

  private final ServerSettings settings;
  private final ServerFiles files;

  public ConfiguredCertificate(ServerSettings settings, ServerFiles files) {
    this.settings = settings;
    this.files = files;
  }

  /** Leaf first; empty when the file is absent, unreadable or no PEM certificate. */
  public Optional<X509Certificate> leaf(PostgresSession session) {
    ServerSetting file = settings.read(session).get("ssl_cert_file");
    if (file == null || file.value() == null) {
      return Optional.empty();
    }
    try {
      return files
          .readIfExists(session, file.value())
          .map(bytes -> Pem.certificates(new String(bytes, StandardCharsets.ISO_8859_1)))
          .flatMap((List<X509Certificate> chain) -> chain.stream().findFirst());
    } catch (PgsealException e) {
      return Optional.empty();
    }
  }

  /** SHA-256 of the leaf; null when there is none to be read. */
  public @Nullable String fingerprint(PostgresSession session) {
    return leaf(session).map(Fingerprints::sha256).orElse(null);
  }
}
