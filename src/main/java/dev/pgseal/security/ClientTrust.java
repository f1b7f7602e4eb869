package dev.pgseal.security;

import io.quarkus.tls.runtime.TrustStoreAndTrustOptions;
import io.quarkus.tls.runtime.TrustStoreProvider;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.smallrye.common.annotation.Identifier;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.TrustOptions;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CRL;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Whose client certificates the API takes. They are asked for, never demanded: the same port serves
 * bearer tokens. Without authorities none is asked for, or else those that Java trusts would count.
 *
 * <p>Authorities and revocation lists are read anew now and then; what cannot be read is not taken.
 * A handshake may be resumed and a connection may live long, so each request is held against them
 * ({@link #verify}).
 */
@Singleton
@Identifier(HttpsSettings.TLS_CONFIGURATION)
public class ClientTrust implements TrustStoreProvider {

  private static final Logger LOG = Logger.getLogger(ClientTrust.class);

  private final MtlsSettings settings;
  private volatile @Nullable Trusted trusted;
  private @Nullable String lastFault;

  ClientTrust(MtlsSettings settings) {
    this.settings = settings;
  }

  private record Trusted(KeyStore store, X509TrustManager authorities, List<CRL> lists) {}

  /**
   * @return null when no client certificates are taken
   */
  @Override
  public @Nullable TrustStoreAndTrustOptions getTrustStore(Vertx vertx) {
    if (settings.authorityFile().isEmpty()) {
      return null;
    }
    try {
      Trusted first = read(settings.authorityFile().get());
      trusted = first;
      return new TrustStoreAndTrustOptions(first.store(), TrustOptions.wrap(new Current()));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("pgseal.mtls: " + e.getMessage(), e);
    }
  }

  /** Reads the files again. */
  public synchronized void refresh() {
    if (settings.authorityFile().isEmpty()) {
      return;
    }
    try {
      trusted = read(settings.authorityFile().get());
      lastFault = null;
    } catch (IOException | GeneralSecurityException e) {
      if (!e.toString().equals(lastFault)) {
        LOG.warnf("pgseal.mtls: the files cannot be used, those before count: %s", e);
      }
      lastFault = e.toString();
    }
  }

  private Trusted read(Path authorityFile) throws IOException, GeneralSecurityException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int number = 0;
    for (Certificate each : factory.generateCertificates(bytes(authorityFile))) {
      store.setCertificateEntry("authority-" + number++, each);
    }
    if (number == 0) {
      throw new CertificateException(authorityFile + " has no certificate");
    }
    List<CRL> lists = new ArrayList<>();
    for (Path file : settings.revocationLists().orElse(List.of())) {
      Collection<? extends CRL> inside = factory.generateCRLs(bytes(file));
      if (inside.isEmpty()) {
        throw new CertificateException(file + " has no revocation list");
      }
      lists.addAll(inside);
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    return new Trusted(store, (X509TrustManager) managers.getTrustManagers()[0], lists);
  }

  private static ByteArrayInputStream bytes(Path file) throws IOException {
    return new ByteArrayInputStream(Files.readAllBytes(file));
  }

  /**
   * @param chain of the client, its own certificate first
   * @throws CertificateException when the authorities of now do not vouch for it, it is not valid
   *     now, or a list revokes it
   */
  void verify(X509Certificate[] chain) throws CertificateException {
    Trusted now = trusted;
    if (now == null) {
      throw new CertificateException("No client certificates are taken");
    }
    now.authorities().checkClientTrusted(chain, chain[0].getPublicKey().getAlgorithm());
    for (X509Certificate each : chain) {
      if (now.lists().stream().anyMatch(list -> list.isRevoked(each))) {
        throw new CertificateException("It is revoked: " + each.getSerialNumber().toString(16));
      }
    }
  }

  /** Asks for certificates. Quarkus knows this setting at build time only. */
  @Singleton
  static class Request implements HttpServerOptionsCustomizer {

    private final MtlsSettings settings;

    Request(MtlsSettings settings) {
      this.settings = settings;
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
      options.setClientAuth(
          settings.authorityFile().isPresent() ? ClientAuth.REQUEST : ClientAuth.NONE);
    }
  }

  /** For the handshakes; the server is never set up anew. */
  private final class Current implements X509TrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      verify(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("These are authorities of clients");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      Trusted now = trusted;
      return now == null ? new X509Certificate[0] : now.authorities().getAcceptedIssuers();
    }
  }
}
