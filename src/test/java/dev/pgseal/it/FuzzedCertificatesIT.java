package dev.pgseal.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.testing.Damage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Spoiled CSRs, PEMs and PKCS#12 files over HTTP: each is answered by what was asked for or by a
 * problem, and the service, which has a heap of 256 MiB, lives on. Seven thousand by default, five
 * times as many with {@code -Pfull}; {@code -Dpgseal.seed=n} replays a run.
 */
class FuzzedCertificatesIT {

  private static final long SEED = Long.getLong("pgseal.seed", 20_260_101L);
  private static final int SCALE = Boolean.getBoolean("pgseal.full") ? 5 : 1;
  private static final int CALLERS = 4;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Application application;
  private static List<FuzzSeeds> seeds;

  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger names = new AtomicInteger();

  @BeforeAll
  static void start() throws Exception {
    application = Application.start(Map.of("pgseal.rate-limit.enabled", "false"));
    seeds = List.of(FuzzSeeds.of(KeyType.ECDSA_P256), FuzzSeeds.of(KeyType.RSA_3072));
  }

  @AfterAll
  static void stop() {
    application.close();
  }

  @Test
  void spoiledRequestsAreIssuedOrRefused() throws Exception {
    post("/v1/authorities", Map.of("name", "fuzzed")).statusCode();
    attack(
        2_000,
        "/v1/certificates",
        damage ->
            seed ->
                Map.of(
                    "authority", "fuzzed",
                    "endpoints", List.of("db.example.com"),
                    "certificateSigningRequest", damage.pem(seed.csr())));
    attack(
        400,
        "/v1/certificates",
        damage ->
            seed ->
                Map.of(
                    "authority", "fuzzed",
                    "endpoints", List.of(damage.text("db.example.com")),
                    "certificateSigningRequest", seed.csr()));
  }

  @Test
  void spoiledChainsAndKeysAreImportedOrRefused() throws Exception {
    attack(
        1_200, "/v1/authorities", damage -> seed -> imported(damage.pem(seed.chain()), seed.key()));
    attack(
        1_200, "/v1/authorities", damage -> seed -> imported(seed.chain(), damage.pem(seed.key())));
  }

  @Test
  void spoiledPkcs12FilesAreImportedOrRefused() throws Exception {
    attack(2_400, "/v1/authorities", damage -> seed -> pkcs12(damage.file(seed.pkcs12())));
  }

  @Test
  void aFileThatIsAllNestingOrAllLengthIsRefused() throws Exception {
    byte[] nested = new byte[1 << 20];
    for (int i = 0; i < nested.length; i += 2) {
      nested[i] = 0x30;
      nested[i + 1] = (byte) 0x80;
    }
    byte[] endless = seeds.get(0).pkcs12().clone();
    for (int i = 1; i < 6; i++) {
      endless[i] = (byte) (i == 1 ? 0x84 : 0x7F);
    }
    String armoured =
        "-----BEGIN CERTIFICATE REQUEST-----\n%s\n-----END CERTIFICATE REQUEST-----\n"
            .formatted(Base64.getMimeEncoder().encodeToString(nested));
    for (byte[] file : List.of(nested, endless, new byte[0], new byte[1 << 21])) {
      judge("", post("/v1/authorities", pkcs12(file)));
    }
    judge("", post("/v1/authorities", imported(armoured, armoured)));
    judge("", post("/v1/authorities", pkcs12(new byte[4 << 20])));

    assertThat(accepted).hasValue(0);
    healthy();
  }

  private void attack(
      int rounds, String path, Function<Damage, Function<FuzzSeeds, Map<String, ?>>> spoil)
      throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        Damage damage = new Damage(SEED + caller);
        running.add(
            callers.submit(
                () -> {
                  for (int round = 0; round < SCALE * rounds / CALLERS; round++) {
                    FuzzSeeds seed = seeds.get(round % seeds.size());
                    Map<String, ?> body = spoil.apply(damage).apply(seed);
                    judge(JSON.writeValueAsString(body), post(path, body));
                  }
                  return null;
                }));
      }
      for (Future<?> caller : running) {
        caller.get();
      }
    } finally {
      callers.shutdownNow();
    }
    assertThat(refused.get()).as("refused with seed " + SEED).isGreaterThan(SCALE * rounds / 4);
    healthy();
  }

  private HttpResponse<String> post(String path, Map<String, ?> body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(application.replica().baseUri().resolve(path))
            .version(HttpClient.Version.HTTP_1_1)
            .header("Authorization", "Bearer " + application.token())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private void judge(String sent, HttpResponse<String> answer) {
    String context = "seed %d%n%s%n%s".formatted(SEED, sent, answer.body());
    if (answer.statusCode() / 100 == 2) {
      accepted.incrementAndGet();
      return;
    }
    refused.incrementAndGet();
    assertThat(answer.statusCode()).as(context).isBetween(400, 499);
    assertThat(answer.headers().firstValue("Content-Type"))
        .as(context)
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    assertThat(answer.body())
        .as(context)
        .contains("\"type\"", "\"detail\"")
        .doesNotContain(secrets())
        .hasSizeLessThan(4_000);
  }

  /** Lines of the keys, which no answer repeats. */
  private static List<String> secrets() {
    return seeds.stream()
        .flatMap(seed -> seed.key().lines())
        .filter(line -> line.length() > 20 && !line.startsWith("-----"))
        .toList();
  }

  /** It answers, and nothing in its log says that it was near its end. */
  private void healthy() throws Exception {
    URI ready = application.replica().baseUri().resolve("/q/health/ready");
    assertThat(
            http.send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode())
        .isEqualTo(200);
    assertThat(application.replica().log())
        .doesNotContain("OutOfMemoryError", "StackOverflowError", "\"ERROR\"", " ERROR ");
  }

  private Map<String, String> imported(String chain, String key) {
    return Map.of(
        "name",
        "fuzz-" + names.incrementAndGet(),
        "kind",
        "IMPORTED",
        "certificateChain",
        chain,
        "privateKey",
        key);
  }

  private Map<String, String> pkcs12(byte[] file) {
    return Map.of(
        "name",
        "fuzz-p12-" + names.incrementAndGet(),
        "kind",
        "IMPORTED",
        "pkcs12",
        Base64.getEncoder().encodeToString(file),
        "passphrase",
        FuzzSeeds.PASSPHRASE);
  }
}
