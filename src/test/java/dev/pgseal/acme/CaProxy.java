package dev.pgseal.acme;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.SocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a CA, keeps the Host that clients use so that signed URLs hold, and replaces
 * answers: a CA that is overloaded, or that lies.
 */
final class CaProxy implements AutoCloseable {

  /** What is said instead; headers that it does not name are the CA's own. */
  record Answer(int status, Map<String, String> headers, String body) {}

  /** Says something else for the CA; null to let its answer through. */
  interface Lie {
    @Nullable Answer instead(String path, String body);
  }

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger requests = new AtomicInteger();
  private final Pebble pebble;
  private final HttpClient client;
  private final HttpServer server;
  private volatile Lie lie = (path, body) -> null;

  CaProxy(Pebble pebble) {
    this.pebble = pebble;
    client =
        vertx.createHttpClient(
            new HttpClientOptions().setSsl(true).setTrustAll(true).setVerifyHost(false));
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost("127.0.0.1")
                    .setPort(0)
                    .setSsl(true)
                    .setKeyCertOptions(
                        new PemKeyCertOptions()
                            .addCertPath(pebble.tlsCertificate().toString())
                            .addKeyPath(pebble.tlsKey().toString())))
            .requestHandler(this::forward);
    server.listen().toCompletionStage().toCompletableFuture().join();
  }

  URI directory() {
    return URI.create("https://127.0.0.1:%d/dir".formatted(server.actualPort()));
  }

  void lies(Lie lie) {
    this.lie = lie;
  }

  /** How many requests came. */
  int requests() {
    return requests.get();
  }

  private void forward(HttpServerRequest request) {
    requests.incrementAndGet();
    request
        .body()
        .compose(body -> ask(request, body))
        .compose(behind -> behind.body().onSuccess(body -> answer(request, behind, body)))
        .onFailure(failure -> request.response().setStatusCode(502).end());
  }

  private Future<HttpClientResponse> ask(HttpServerRequest request, Buffer body) {
    URI behind = pebble.directory();
    RequestOptions options =
        new RequestOptions()
            .setMethod(request.method())
            .setURI(request.uri())
            .setHost("127.0.0.1")
            .setPort(server.actualPort())
            .setServer(SocketAddress.inetSocketAddress(behind.getPort(), behind.getHost()));
    return client
        .request(options)
        .compose(
            out -> {
              copy(request.headers(), out.headers());
              return out.send(body);
            });
  }

  private void answer(HttpServerRequest request, HttpClientResponse behind, Buffer body) {
    Answer instead = lie.instead(request.path(), body.toString());
    HttpServerResponse response = request.response();
    copy(behind.headers(), response.headers());
    if (instead == null) {
      response.setStatusCode(behind.statusCode()).end(body);
    } else {
      instead.headers().forEach(response::putHeader);
      response.setStatusCode(instead.status()).end(instead.body());
    }
  }

  private static void copy(MultiMap from, MultiMap to) {
    to.addAll(from).remove("content-length");
  }

  @Override
  public void close() {
    server.close().toCompletionStage().toCompletableFuture().join();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
