package dev.pgseal.postgres;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * The TLS side of pgjdbc's connections ({@code sslfactory}), told what to trust by a string ({@code
 * sslfactoryarg}): PEM certificates, or nothing to take any certificate.
 *
 * <p>pgjdbc's own factory wants files and looks into the home directory of the process: a stray
 * {@code ~/.postgresql/postgresql.crt} there is refused by a server with {@code ssl_ca_file}. This
 * one presents no client certificate. The host name is still verified for {@code verify-full}:
 * pgjdbc does that after the handshake, whatever the factory (org.postgresql.ssl.MakeSSL).
 */
public final class PemSocketFactory extends SSLSocketFactory {

  private final SSLSocketFactory delegate;

  /**
   * @param pem certificates to trust; empty to take any certificate
   */
  public PemSocketFactory(String pem) throws GeneralSecurityException, IOException {
    SSLContext context = SSLContext.getInstance("TLS");
    TrustManager[] trust =
        pem.isBlank() ? new TrustManager[] {new AnyCertificate()} : trusting(pem);
    context.init(null, trust, null);
    this.delegate = context.getSocketFactory();
  }

  private static TrustManager[] trusting(String pem) throws GeneralSecurityException, IOException {
    Collection<? extends Certificate> authorities =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(
                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    if (authorities.isEmpty()) {
      throw new CertificateException("There is no certificate in the text");
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int number = 0;
    for (Certificate authority : authorities) {
      store.setCertificateEntry("authority-" + number++, authority);
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    return factory.getTrustManagers();
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return delegate.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return delegate.getSupportedCipherSuites();
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    return delegate.createSocket(socket, host, port, autoClose);
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return delegate.createSocket(host, port);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return delegate.createSocket(host, port, localHost, localPort);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return delegate.createSocket(host, port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return delegate.createSocket(host, port, localHost, localPort);
  }
}
