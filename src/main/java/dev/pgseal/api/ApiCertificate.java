package dev.pgseal.api;

import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.Pem;
import dev.pgseal.security.ClientTrust;
import dev.pgseal.security.HttpsSettings;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.tls.runtime.KeyStoreAndKeyCertOptions;
import io.quarkus.tls.runtime.KeyStoreProvider;
import io.smallrye.common.annotation.Identifier;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The certificate of the API, read anew now and then. What cannot be served is not taken: at the
 * start it fails the start, later the one before stays in use and the log says why. Two files are
 * never replaced at the same moment, so a key that does not belong to the certificate is such a
 * case.
 */
@Singleton
@Identifier(HttpsSettings.TLS_CONFIGURATION)
class ApiCertificate implements KeyStoreProvider {

  private static final Logger LOG = Logger.getLogger(ApiCertificate.class);

  private final HttpsSettings settings;
  private final CurrentKey current = new CurrentKey();
  private @Nullable String lastFault;

  ApiCertificate(HttpsSettings settings) {
    this.settings = settings;
  }

  /**
   * @return null when HTTPS is off
   */
  @Override
  public @Nullable KeyStoreAndKeyCertOptions getKeyStore(Vertx vertx) {
    if (off()) {
      return null;
    }
    read();
    return new KeyStoreAndKeyCertOptions(
        current.getKeyStore(), KeyCertOptions.wrap(current.keyManager()));
  }

  void start(
      @Observes StartupEvent event,
      Vertx vertx,
      @Identifier(HttpsSettings.TLS_CONFIGURATION) ClientTrust clients) {
    if (!off()) {
      vertx.setPeriodic(
          settings.reloadPeriod().toMillis(),
          timer ->
              vertx.executeBlocking(
                  () -> {
                    refresh();
                    clients.refresh();
                    return null;
                  }));
    }
  }

  private boolean off() {
    return settings.certificateFile().isEmpty() || settings.keyFile().isEmpty();
  }

  private void refresh() {
    try {
      read();
    } catch (RuntimeException e) {
      if (!String.valueOf(e.getMessage()).equals(lastFault)) {
        LOG.warnf(
            "The new certificate of the API cannot be used, the one before stays: %s",
            e.getMessage());
      }
      lastFault = String.valueOf(e.getMessage());
    }
  }

  private synchronized void read() {
    Path certificateFile = settings.certificateFile().orElseThrow();
    Path keyFile = settings.keyFile().orElseThrow();
    List<X509Certificate> chain = Pem.certificates(text(certificateFile));
    KeyMaterial key = Pem.privateKey(text(keyFile), null);
    X509Certificate leaf = chain.get(0);
    if (!key.matches(leaf)) {
      throw new IllegalStateException(
          "the key in " + keyFile + " is not that of the certificate in " + certificateFile);
    }
    lastFault = null;
    if (leaf.equals(current.certificate())) {
      return;
    }
    current.set(chain, key.privateKey());
    LOG.infof(
        "The API serves the certificate %s, serial number %s, good until %s",
        leaf.getSubjectX500Principal(),
        leaf.getSerialNumber().toString(16),
        leaf.getNotAfter().toInstant());
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + file, e);
    }
  }
}
