package dev.pgseal.tls;

import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.SelfSigned;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.SecretSession;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.problem.PgsealException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * TLS for the time of one transfer, on a server that can only be reached in plaintext.
 *
 * <p>A throw-away key, sent in plaintext and good for an hour, turns TLS on; the work is done in a
 * session over that TLS, pinned to the throw-away certificate; then settings and files are as
 * before. Who reads the plaintext can read the throw-away key, but with forward-secret key exchange
 * (TLS 1.3, and ECDHE under 1.2) a listener does not get what is sent over it. A man in the middle
 * who acts within these seconds would: the throw-away way defends against listening, not against
 * that, which only a key made on the server does.
 */
@ApplicationScoped
public class FirstContact {

  private static final Set<String> SETTINGS = Set.of("ssl", "ssl_cert_file", "ssl_key_file");

  private final CertificateFiles files;
  private final ServerSettings settings;
  private final SecretSession secrets;
  private final SslSwitch ssl;
  private final Clock clock;

  public FirstContact(
      CertificateFiles files,
      ServerSettings settings,
      SecretSession secrets,
      SslSwitch ssl,
      Clock clock) {
    this.files = files;
    this.settings = settings;
    this.secrets = secrets;
    this.ssl = ssl;
    this.clock = clock;
  }

  /**
   * @param work done with a session over TLS; the session is closed afterwards
   * @throws PgsealException {@code SSL_NOT_TAKEN} after everything was taken back
   */
  public void over(ServerUnderChange change, Consumer<PostgresSession> work) {
    KeyMaterial key = KeyType.DEFAULT.generate();
    IssuedCertificate throwAway =
        SelfSigned.server(
            new ServerCertificateRequest(
                List.of(change.login().host()), Duration.ofHours(1), KeyType.DEFAULT),
            key,
            clock);
    Map<String, Optional<String>> before = settings.autoConf(change.session(), SETTINGS);
    String generation = files.newGeneration();
    try {
      place(change, generation, throwAway, key);
      ssl.requireServed(change, throwAway.describe().fingerprint());
      try (PostgresSession encrypted = change.helperTrusting(Pem.encode(throwAway.leaf()))) {
        work.accept(encrypted);
      }
    } finally {
      settings.alterSystem(change.session(), before);
      change.reload();
      files.remove(change.session(), generation);
    }
  }

  private void place(
      ServerUnderChange change, String generation, IssuedCertificate throwAway, KeyMaterial key) {
    try (PostgresSession quiet = secrets.quiet(change.helper(change.login().sslMode()))) {
      String directory = files.create(quiet, generation);
      byte[] pem = key.pkcs8Pem();
      try {
        files.writeKey(quiet, generation, pem);
      } finally {
        Arrays.fill(pem, (byte) 0);
      }
      files.writeCertificate(quiet, generation, throwAway.chainPem());
      Map<String, Optional<String>> wanted = new HashMap<>();
      wanted.put("ssl", Optional.of("on"));
      wanted.put("ssl_cert_file", Optional.of(directory + "/server.crt"));
      wanted.put("ssl_key_file", Optional.of(directory + "/server.key"));
      settings.alterSystem(quiet, wanted);
    }
    change.reload();
  }
}
