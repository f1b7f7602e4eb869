package dev.pgseal.acme;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.connector.HttpConnector;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.exception.AcmeProtocolException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/** Sessions with the CA of a directory, over TLS that is verified with roots of one's choice. */
final class AcmeSessions {

  private AcmeSessions() {}

  /**
   * @param roots PEM; null for the JDK's
   */
  static Session open(URI directory, @Nullable String roots, AcmeConfig config) {
    Session session = new Session(directory, new Provider(TrustedRoots.only(roots)));
    session.networkSettings().setTimeout(config.requestTimeout());
    session.setLocale(Locale.ENGLISH);
    return session;
  }

  /** Any directory, none of acme4j's short names for well-known CAs. */
  private static final class Provider extends GenericAcmeProvider {
    private final SSLContext tls;

    private Provider(SSLContext tls) {
      this.tls = tls;
    }

    @Override
    protected HttpConnector createHttpConnector(NetworkSettings settings) {
      return new Connector(settings, tls);
    }
  }

  private static final class Connector extends HttpConnector {
    private final SSLContext tls;

    private Connector(NetworkSettings settings, SSLContext tls) {
      super(settings);
      this.tls = tls;
    }

    @Override
    public HttpClient.Builder createClientBuilder() {
      // a signed request names its URL and is worth nothing elsewhere (RFC 8555 §6.4)
      return super.createClientBuilder().sslContext(tls).followRedirects(HttpClient.Redirect.NEVER);
    }

    /** The CA names the URLs of everything but its directory. */
    @Override
    public HttpRequest.Builder createRequestBuilder(URL url) {
      if (!isSecure(url)) {
        throw new AcmeProtocolException("the CA refers to a URL that is not https: " + url);
      }
      return super.createRequestBuilder(url);
    }

    private static boolean isSecure(URL url) {
      try {
        return SecureUri.isSecure(url.toURI());
      } catch (URISyntaxException e) {
        return false;
      }
    }
  }
}
