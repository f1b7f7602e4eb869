package dev.pgseal.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One address for several replicas, as a Kubernetes Service is: each new connection goes to the
 * next one whose readiness probe was answered 200 the last time.
 */
final class RoundRobin implements AutoCloseable {

  private static final int PROBE_MILLIS = 200;

  private final ServerSocket listener;
  private final List<URI> replicas;
  private final Map<URI, Integer> connections = new ConcurrentHashMap<>();
  private final AtomicInteger turn = new AtomicInteger();
  private final ScheduledExecutorService prober = Executors.newSingleThreadScheduledExecutor();
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private volatile List<URI> ready;

  private RoundRobin(ServerSocket listener, List<URI> replicas) {
    this.listener = listener;
    this.replicas = replicas;
    this.ready = replicas;
  }

  static RoundRobin over(URI... replicas) {
    try {
      RoundRobin service =
          new RoundRobin(
              new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), List.of(replicas));
      service.prober.scheduleWithFixedDelay(service::probe, 0, PROBE_MILLIS, TimeUnit.MILLISECONDS);
      Tunnel.start(service::accept);
      return service;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** How many connections a replica got. */
  int connections(URI replica) {
    return connections.getOrDefault(replica, 0);
  }

  private void probe() {
    ready = replicas.stream().filter(this::ready).toList();
  }

  private boolean ready(URI replica) {
    HttpRequest request =
        HttpRequest.newBuilder(replica.resolve("/q/health/ready"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Tunnel.start(() -> lead(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void lead(Socket client) {
    List<URI> targets = ready;
    try (client) {
      if (targets.isEmpty()) {
        return;
      }
      URI target = targets.get(Math.floorMod(turn.getAndIncrement(), targets.size()));
      connections.merge(target, 1, Integer::sum);
      try (Socket server = new Socket(target.getHost(), target.getPort())) {
        Tunnel.join(client, server);
      }
    } catch (IOException e) {
      // the client sees its connection closed
    }
  }

  @Override
  public void close() {
    prober.shutdownNow();
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
