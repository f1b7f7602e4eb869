package dev.pgseal.webhook;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.ServerCertificateRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A receiver of webhooks over HTTPS on loopback, which can be made to misbehave. */
public final class Receiver implements AutoCloseable {

  /** What it does with a message. */
  public enum Manner {
    TAKES,
    FAILS,
    IS_GONE,
    REDIRECTS,
    HANGS,
    SENDS_WITHOUT_END
  }

  /** A message as it arrived. */
  public record Message(String path, Headers headers, String body) {

    /** Whether its signature is that of this secret. */
    public boolean isSignedWith(String secret) {
      Instant at = Instant.ofEpochSecond(Long.parseLong(headers.getFirst("webhook-timestamp")));
      return WebhookSecret.parse(secret)
          .sign(headers.getFirst("webhook-id"), at, body)
          .equals(headers.getFirst("webhook-signature"));
    }
  }

  private static final String METADATA = "http://169.254.169.254/latest/meta-data/";

  private static final Authority AUTHORITY =
      Authority.create(AuthorityProfile.of("Receivers"), Clock.systemUTC());

  private final HttpsServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Message> messages = new CopyOnWriteArrayList<>();
  private final Path roots;
  private volatile Manner manner = Manner.TAKES;
  private volatile boolean closed;
  private volatile boolean hungUpOn;

  /**
   * @param name that its certificate is good for
   */
  public Receiver(String... name) throws Exception {
    roots = Files.createTempFile("receivers", ".pem");
    Files.writeString(roots, AUTHORITY.bundle());
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(identity(name)));
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  private static SSLContext identity(String... names) throws Exception {
    KeyMaterial key = KeyType.ECDSA_P256.generate();
    char[] passphrase = "passphrase".toCharArray();
    byte[] file =
        key.pkcs12(
            AUTHORITY
                .issueServer(ServerCertificateRequest.of(names), key.publicKey(), Clock.systemUTC())
                .chain(),
            "receiver",
            passphrase);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(new ByteArrayInputStream(file), passphrase);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, passphrase);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  /** PEM of the authority of every receiver's certificate. */
  public Path roots() {
    return roots;
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public void behave(Manner manner) {
    this.manner = manner;
  }

  public List<Message> messages() {
    return messages;
  }

  /** The sender has closed the connection while an endless answer was under way. */
  public boolean hungUpOn() {
    return hungUpOn;
  }

  private void answer(HttpExchange exchange) throws IOException {
    messages.add(
        new Message(
            exchange.getRequestURI().toString(),
            exchange.getRequestHeaders(),
            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
    switch (manner) {
      case TAKES -> exchange.sendResponseHeaders(204, -1);
      case FAILS -> exchange.sendResponseHeaders(503, -1);
      case IS_GONE -> exchange.sendResponseHeaders(410, -1);
      case REDIRECTS -> {
        exchange.getResponseHeaders().add("Location", METADATA);
        // the one status after which clients go on with GET
        exchange.sendResponseHeaders(303, -1);
      }
      case HANGS -> {
        return;
      }
      case SENDS_WITHOUT_END -> endless(exchange);
    }
    exchange.close();
  }

  private void endless(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    byte[] block = new byte[64 * 1024];
    try (OutputStream out = exchange.getResponseBody()) {
      while (!closed) {
        out.write(block);
      }
    } catch (IOException e) {
      hungUpOn = !closed;
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    server.stop(0);
    threads.shutdownNow();
    Files.deleteIfExists(roots);
  }
}
