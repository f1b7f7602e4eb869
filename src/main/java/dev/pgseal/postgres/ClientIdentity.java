package dev.pgseal.postgres;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;

/**
 * A client certificate with its key.
 *
 * @param chain leaf first
 */
public record ClientIdentity(List<X509Certificate> chain, PrivateKey key) {

  public ClientIdentity {
    chain = List.copyOf(chain);
  }

  /** With a key of whatever provider made it; the TLS of the JDK wants one of its own. */
  public static ClientIdentity of(List<X509Certificate> chain, PrivateKey key) {
    byte[] encoded = key.getEncoded();
    try {
      PrivateKey own =
          KeyFactory.getInstance(chain.get(0).getPublicKey().getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(encoded));
      return new ClientIdentity(chain, own);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This JDK cannot read a key"); // no cause: it is secret
    } finally {
      Arrays.fill(encoded, (byte) 0);
    }
  }

  /** Never shows the key. */
  @Override
  public String toString() {
    return "ClientIdentity[" + chain.get(0).getSubjectX500Principal() + "]";
  }
}
