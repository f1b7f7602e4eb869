package dev.pgseal.posture;

import dev.pgseal.job.RefreshedMetrics;
import dev.pgseal.tls.SslState;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * {@code pgseal_posture_*}, each by server, from the last scan as the control database has it:
 * whichever replica is scraped. A server that was forgotten has none any more; what is not known
 * has no value rather than zero.
 */
@ApplicationScoped
public class PostureMetrics implements RefreshedMetrics {

  private static final int PAGE = 500;

  private final PostureStore store;
  private final MultiGauge plaintextSessions;
  private final MultiGauge mode;
  private final MultiGauge grade;
  private final MultiGauge drift;
  private final MultiGauge reachable;
  private final MultiGauge scanned;
  private final PostureConfig config;

  public PostureMetrics(PostureStore store, MeterRegistry registry, PostureConfig config) {
    this.store = store;
    this.config = config;
    this.plaintextSessions =
        gauge(registry, "plaintext.sessions", null, "Sessions over TCP without encryption");
    this.mode = gauge(registry, "mode", null, "1 for the mode that was seen, 0 for the others");
    this.grade = gauge(registry, "grade", null, "1 for the grade of the server, 0 for the others");
    this.drift =
        gauge(registry, "drift", null, "Kinds of drift from what pgseal left on the server");
    this.reachable = gauge(registry, "reachable", null, "1 when the server answered, else 0");
    this.scanned =
        gauge(registry, "last.scan.timestamp", "seconds", "When the server was scanned last");
  }

  private static MultiGauge gauge(
      MeterRegistry registry,
      String name,
      @org.jspecify.annotations.Nullable String unit,
      String description) {
    return MultiGauge.builder("pgseal.posture." + name)
        .baseUnit(unit)
        .description(description)
        .register(registry);
  }

  @Override
  public String name() {
    return "posture";
  }

  @Override
  public Duration interval() {
    return config.metricsInterval();
  }

  @Override
  public void refresh() {
    List<ServerPosture> all = scanned();
    plaintextSessions.register(
        rows(all.stream().filter(p -> p.plaintextSessions() != null), p -> p.plaintextSessions()),
        true);
    mode.register(oneHot(all, "mode", SslState.Mode.values(), ServerPosture::mode), true);
    grade.register(oneHot(all, "grade", Grade.values(), ServerPosture::grade), true);
    drift.register(
        rows(all.stream(), p -> p.findings().stream().filter(FindingCode::drift).count()), true);
    reachable.register(rows(all.stream(), p -> p.reachable() ? 1 : 0), true);
    scanned.register(rows(all.stream(), p -> p.scannedAt().getEpochSecond()), true);
  }

  private List<ServerPosture> scanned() {
    PostureQuery everything = new PostureQuery(Map.of(), null, null);
    List<ServerPosture> all = new ArrayList<>();
    String after = null;
    List<ServerPosture> page;
    do {
      page = store.list(everything, after, PAGE);
      for (ServerPosture posture : page) {
        after = posture.server();
        if (posture.scannedAt() != null) {
          all.add(posture);
        }
      }
    } while (page.size() == PAGE);
    return all;
  }

  private static List<Row<?>> rows(
      Stream<ServerPosture> postures, Function<ServerPosture, Number> value) {
    return postures
        .<Row<?>>map(p -> Row.of(Tags.of("server", p.server()), value.apply(p)))
        .toList();
  }

  private static <E extends Enum<E>> List<Row<?>> oneHot(
      List<ServerPosture> postures, String tag, E[] values, Function<ServerPosture, E> of) {
    List<Row<?>> rows = new ArrayList<>();
    for (ServerPosture posture : postures) {
      for (E value : values) {
        Tags tags = Tags.of("server", posture.server(), tag, value.name());
        rows.add(Row.of(tags, of.apply(posture) == value ? 1 : 0));
      }
    }
    return rows;
  }
}
