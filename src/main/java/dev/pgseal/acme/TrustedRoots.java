package dev.pgseal.acme;

import dev.pgseal.certificate.Pem;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** TLS contexts that trust what was said, and nothing because it was offered. */
final class TrustedRoots {

  private TrustedRoots() {}

  /** Only these roots; the JDK's when there are none. */
  static SSLContext only(@Nullable String pem) {
    return pem == null ? context(jdkRoots()) : context(Pem.certificates(pem));
  }

  /** These roots and the JDK's. */
  static SSLContext also(@Nullable String pem) {
    List<X509Certificate> roots = new ArrayList<>(jdkRoots());
    if (pem != null) {
      roots.addAll(Pem.certificates(pem));
    }
    return context(roots);
  }

  private static List<X509Certificate> jdkRoots() {
    try {
      return Stream.of(managers(null))
          .filter(X509TrustManager.class::isInstance)
          .flatMap(manager -> Stream.of(((X509TrustManager) manager).getAcceptedIssuers()))
          .toList();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("The roots of the JDK cannot be read", e);
    }
  }

  private static SSLContext context(List<X509Certificate> roots) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (int i = 0; i < roots.size(); i++) {
        store.setCertificateEntry("root-" + i, roots.get(i));
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers(store), new SecureRandom());
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("A TLS context cannot be made", e);
    }
  }

  private static TrustManager[] managers(@Nullable KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }
}
