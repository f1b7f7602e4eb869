package dev.pgseal.certificate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/** A TLS handshake between two engines of the JDK in memory, the client checking path and host. */
final class TlsHandshake {

  private TlsHandshake() {}

  /** The negotiated protocol; an {@link SSLException} is the client's or the server's refusal. */
  static String negotiate(
      List<X509Certificate> chain, KeyMaterial key, String bundle, String host, String protocol)
      throws GeneralSecurityException, IOException {
    SSLEngine client = context(null, null, Pem.certificates(bundle)).createSSLEngine(host, 5432);
    client.setUseClientMode(true);
    client.setEnabledProtocols(new String[] {protocol});
    SSLParameters parameters = client.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    client.setSSLParameters(parameters);
    SSLEngine server = context(chain, key, List.of()).createSSLEngine();
    server.setUseClientMode(false);
    shakeHands(client, server);
    return client.getSession().getProtocol();
  }

  private static SSLContext context(
      List<X509Certificate> chain, KeyMaterial key, List<X509Certificate> trusted)
      throws GeneralSecurityException, IOException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    KeyStore own = store();
    if (key != null) {
      own.setKeyEntry("server", key.privateKey(), new char[0], chain.toArray(Certificate[]::new));
    }
    keys.init(own, new char[0]);
    KeyStore anchors = store();
    for (int i = 0; i < trusted.size(); i++) {
      anchors.setCertificateEntry("anchor" + i, trusted.get(i));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(anchors);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static KeyStore store() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static void shakeHands(SSLEngine client, SSLEngine server) throws SSLException {
    ByteBuffer toServer = ByteBuffer.allocate(1 << 17);
    ByteBuffer toClient = ByteBuffer.allocate(1 << 17);
    client.beginHandshake();
    server.beginHandshake();
    for (int round = 0; round < 100; round++) {
      step(client, toClient, toServer);
      step(server, toServer, toClient);
      if (isDone(client) && isDone(server)) {
        return;
      }
    }
    throw new SSLException("the handshake does not come to an end");
  }

  private static boolean isDone(SSLEngine engine) {
    return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
  }

  private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    ByteBuffer application = ByteBuffer.allocate(1 << 16);
    boolean moved = true;
    while (moved) {
      moved = false;
      HandshakeStatus status = engine.getHandshakeStatus();
      if (status == HandshakeStatus.NEED_TASK) {
        engine.getDelegatedTask().run();
        moved = true;
      } else if (status == HandshakeStatus.NEED_WRAP) {
        moved = engine.wrap(ByteBuffer.allocate(0), out).bytesProduced() > 0;
      } else if (status == HandshakeStatus.NEED_UNWRAP || in.position() > 0) {
        in.flip();
        moved = engine.unwrap(in, application).bytesConsumed() > 0;
        in.compact();
      }
    }
  }
}
