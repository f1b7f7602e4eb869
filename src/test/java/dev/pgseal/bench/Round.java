package dev.pgseal.bench;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;

/**
 * The same request many times by some callers at once, each over one connection that stays open.
 *
 * @param elapsed from the first request to the last answer
 * @param cpu what the contender's processes took
 * @param databaseCpu what of it its database took
 * @param nanos latency of each request, ascending
 */
record Round(Duration elapsed, Duration cpu, Duration databaseCpu, long[] nanos) {

  static Round run(Contender contender, HttpRequest request, int callers, int requests)
      throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    try {
      Duration cpu = contender.cpu();
      Duration database = contender.databaseCpu();
      long begin = System.nanoTime();
      List<Future<long[]>> running = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        running.add(threads.submit(() -> call(contender, request, requests / callers)));
      }
      LongStream all = LongStream.empty();
      for (Future<long[]> one : running) {
        all = LongStream.concat(all, Arrays.stream(one.get()));
      }
      Duration elapsed = Duration.ofNanos(System.nanoTime() - begin);
      return new Round(
          elapsed,
          contender.cpu().minus(cpu),
          contender.databaseCpu().minus(database),
          all.sorted().toArray());
    } finally {
      threads.shutdownNow();
    }
  }

  private static long[] call(Contender contender, HttpRequest request, int times)
      throws IOException, InterruptedException {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    long[] nanos = new long[times];
    for (int i = 0; i < times; i++) {
      long begin = System.nanoTime();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      nanos[i] = System.nanoTime() - begin;
      if (answer.statusCode() / 100 != 2 || !contender.issued(answer.body())) {
        throw new IllegalStateException(
            "%s answers %d: %s".formatted(contender.name(), answer.statusCode(), answer.body()));
      }
    }
    return nanos;
  }

  /** Several rounds as if they were one. */
  static Round sum(List<Round> rounds) {
    return new Round(
        rounds.stream().map(Round::elapsed).reduce(Duration.ZERO, Duration::plus),
        rounds.stream().map(Round::cpu).reduce(Duration.ZERO, Duration::plus),
        rounds.stream().map(Round::databaseCpu).reduce(Duration.ZERO, Duration::plus),
        rounds.stream().flatMapToLong(round -> Arrays.stream(round.nanos)).sorted().toArray());
  }

  double perSecond() {
    return nanos.length * 1e9 / elapsed.toNanos();
  }

  double millisAt(double quantile) {
    return nanos[(int) Math.min(nanos.length - 1L, Math.round(quantile * nanos.length))] / 1e6;
  }

  double microsEach(Duration total) {
    return total.toNanos() / 1e3 / nanos.length;
  }
}
