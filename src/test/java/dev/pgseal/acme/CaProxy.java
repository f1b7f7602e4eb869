package dev.pgseal.acme;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
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

  /**
   * @param body of the answer; null for the CA's own
   */
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
    URI behind = pebble.directory();
    RequestOptions options =
        new RequestOptions()
            .setMethod(request.method())
            .setURI(request.uri())
            .setHost("127.0.0.1")
            .setPort(server.actualPort())
            .setServer(SocketAddress.inetSocketAddress(behind.getPort(), behind.getHost()));
    request
        .body()
        .compose(
            body ->
                client
                    .request(options)
                    .compose(
                        out -> {
                          request
                              .headers()
                              .forEach(
                                  header -> {
                                    if (!header.getKey().equalsIgnoreCase("content-length")) {
                                      out.putHeader(header.getKey(), header.getValue());
                                    }
                                  });
                          out.putHeader("Host", request.getHeader("Host"));
                          return out.send(body);
                        }))
        .onSuccess(
            in ->
                in.body()
                    .onSuccess(
                        body -> {
                          Answer answer = lie.instead(request.path(), body.toString());
                          in.headers()
                              .forEach(
                                  header -> {
                                    if (!header.getKey().equalsIgnoreCase("content-length")) {
                                      request
                                          .response()
                                          .headers()
                                          .add(header.getKey(), header.getValue());
                                    }
                                  });
                          request.response().setStatusCode(in.statusCode());
                          if (answer != null) {
                            request.response().setStatusCode(answer.status());
                            answer.headers().forEach(request.response()::putHeader);
                          }
                          request
                              .response()
                              .end(answer == null ? body : Buffer.buffer(answer.body()));
                        }))
        .onFailure(failure -> request.response().setStatusCode(502).end());
  }

  @Override
  public void close() {
    server.close().toCompletionStage().toCompletableFuture().join();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
