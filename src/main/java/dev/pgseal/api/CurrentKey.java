package dev.pgseal.api;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyStoreBuilderParameters;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificate and key of the API that are in use now. JSSE's key manager asks for the key store
 * with every handshake, and takes chain and key out of it together.
 *
 * <p>This is in place of Vert.x' {@code HttpServer.updateSSLOptions}: while that is at work (4.5),
 * connections that come in are dropped (TCPServerBase).
 */
final class CurrentKey extends KeyStore.Builder {

  /** The one that asks for its key store again and again. */
  private static final String ALGORITHM = "NewSunX509";

  /** PKCS#12 would derive a key with every handshake; this one never leaves the memory. */
  private static final String IN_MEMORY = "JKS";

  private static final char[] NO_SECRET = "memory".toCharArray();

  private static final String ALIAS = "api";

  private volatile @Nullable KeyStore current;

  void set(List<X509Certificate> chain, PrivateKey key) {
    try {
      KeyStore next = KeyStore.getInstance(IN_MEMORY);
      next.load(null, null);
      next.setKeyEntry(ALIAS, key, NO_SECRET, chain.toArray(new Certificate[0]));
      current = next;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Nullable Certificate certificate() {
    try {
      return current == null ? null : current.getCertificate(ALIAS);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  X509KeyManager keyManager() {
    try {
      KeyManagerFactory factory = KeyManagerFactory.getInstance(ALGORITHM);
      factory.init(new KeyStoreBuilderParameters(this));
      return (X509KeyManager) factory.getKeyManagers()[0];
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public KeyStore getKeyStore() {
    KeyStore now = current;
    if (now == null) {
      throw new IllegalStateException("No certificate was set");
    }
    return now;
  }

  @Override
  public KeyStore.ProtectionParameter getProtectionParameter(String alias) {
    return new KeyStore.PasswordProtection(NO_SECRET);
  }
}
