package dev.pgseal.webhook;

import dev.pgseal.problem.PgsealException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Posts one signed message. The socket is connected to the very address that was judged, while SNI
 * and the check of the certificate are about the host of the URL. No redirect is followed, and of
 * the answer nothing but the status is read: the connection is closed on it.
 */
@ApplicationScoped
public class WebhookSender {

  private static final int CONNECT_MILLIS = 5000;
  private static final int MOST_HEADER_OCTETS = 8192;

  /** Of one host; more than are ever sent at once. */
  private static final int POOL = 64;

  private static final int LONGEST_REASON = 200;

  private final WebhookUrls urls;
  private final Duration timeout;
  private final Clock clock;
  private final HttpClient client;

  public WebhookSender(Vertx vertx, WebhookUrls urls, WebhookConfig config, Clock clock) {
    this.urls = urls;
    this.timeout = config.requestTimeout();
    this.clock = clock;
    HttpClientOptions options =
        new HttpClientOptions()
            .setConnectTimeout(CONNECT_MILLIS)
            .setKeepAlive(false)
            .setMaxPoolSize(POOL)
            .setMaxHeaderSize(MOST_HEADER_OCTETS)
            .setVerifyHost(true)
            .setTrustAll(false)
            .setEnabledSecureTransportProtocols(Set.of("TLSv1.3", "TLSv1.2"));
    config
        .trustedCertificates()
        .ifPresent(
            path -> options.setTrustOptions(new PemTrustOptions().addCertPath(path.toString())));
    this.client = vertx.createHttpClient(options);
  }

  @PreDestroy
  void stop() {
    client.close();
  }

  /** Never throws for what a receiver does; takes at most the configured time. */
  Attempt send(URI url, WebhookSecret secret, String id, String body) {
    try {
      InetAddress address = urls.address(url);
      AtomicReference<HttpClientRequest> sent = new AtomicReference<>();
      return await(post(options(url, address, secret, id, body), body, sent), sent);
    } catch (UnknownHostException e) {
      return Attempt.failed("the host is unknown");
    } catch (PgsealException e) {
      return Attempt.failed(e.detail());
    }
  }

  private RequestOptions options(
      URI url, InetAddress address, WebhookSecret secret, String id, String body) {
    Instant now = clock.instant();
    boolean tls = url.getScheme().equalsIgnoreCase("https");
    int port = url.getPort() > 0 ? url.getPort() : tls ? 443 : 80;
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setServer(SocketAddress.inetSocketAddress(port, address.getHostAddress()))
        .setHost(unbracketed(url.getHost()))
        .setPort(port)
        .setSsl(tls)
        .setURI(target(url))
        .setFollowRedirects(false)
        .setTimeout(timeout.toMillis())
        .putHeader("content-type", "application/json")
        .putHeader("user-agent", "pgseal")
        .putHeader("webhook-id", id)
        .putHeader("webhook-timestamp", Long.toString(now.getEpochSecond()))
        .putHeader("webhook-signature", secret.sign(id, now, body));
  }

  private Future<Integer> post(
      RequestOptions options, String body, AtomicReference<HttpClientRequest> sent) {
    return client
        .request(options)
        .compose(
            request -> {
              sent.set(request);
              return request
                  .send(body)
                  .map(response -> response.statusCode())
                  .onComplete(answered -> hangUp(request));
            });
  }

  private static void hangUp(HttpClientRequest request) {
    request.connection().close();
  }

  private Attempt await(Future<Integer> status, AtomicReference<HttpClientRequest> sent) {
    try {
      return Attempt.answered(
          status
              .toCompletionStage()
              .toCompletableFuture()
              .get(timeout.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      HttpClientRequest request = sent.get();
      if (request != null) {
        hangUp(request);
      }
      return Attempt.failed("no answer in time");
    } catch (ExecutionException e) {
      return Attempt.failed(reason(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Attempt.failed("pgseal was stopped");
    }
  }

  private static String reason(Throwable cause) {
    String text = String.valueOf(cause.getMessage()).replaceAll("\\p{Cntrl}", " ");
    return text.length() > LONGEST_REASON ? text.substring(0, LONGEST_REASON) : text;
  }

  private static String target(URI url) {
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
  }

  private static String unbracketed(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}
