package dev.pgseal.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Texts that are meant to hurt, over HTTP: each is answered by what was asked for or by a problem,
 * in bounded size and time, and the service, which has a heap of 256 MiB, lives on. Three times as
 * many of most with {@code -Dpgseal.full=true}.
 */
class HostileTextsIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> VERBS =
      List.of("parse", "lint", "prove", "evaluate", "convert");
  private static final int MANY = Boolean.getBoolean("pgseal.full") ? 60_000 : 20_000;
  private static final int BODY_BYTES = 3_900_000;
  private static final int ANSWER_BYTES = 6_000_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static Application application;

  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeAll
  static void start() {
    application = Application.start(Map.of("pgseal.rate-limit.enabled", "false"));
  }

  @AfterAll
  static void stop() {
    application.close();
  }

  @Test
  void longLines() throws Exception {
    String problem = "/problems/payload-too-large";
    assertThat(statuses(text("local " + "x".repeat(10 << 20) + " all trust\n"))).containsOnly(413);
    assertThat(statuses(text("local " + "x".repeat(BODY_BYTES) + " all trust\n")))
        .containsOnly(413);
    JsonNode answer = JSON.readTree(post("parse", text("#" + "x".repeat(2 << 20) + "\n")).body());
    assertThat(answer.path("type").asText()).isEqualTo(problem);
    assertThat(answer.path("limit").asInt()).isEqualTo(1 << 20);
    assertThat(statuses(text("local all all trust \\\n" + "\\\n".repeat(600_000))))
        .allMatch(status -> status < 500);
    assertThat(
            statuses(
                text(
                    "host all all all ldap ldapserver=l ldapbindpasswd=\""
                        + "x".repeat(900_000)
                        + "\" bad\n")))
        .allMatch(status -> status < 500);
    healthy();
  }

  @Test
  void manyLines() throws Exception {
    assertThat(statuses(base64("\n".repeat(2_800_000)))).containsOnly(413);
    assertThat(statuses(base64("\n".repeat(400_000) + "#\0\nlocal all all peer\n")))
        .allMatch(status -> status < 500);
    healthy();
  }

  @Test
  void aHundredThousandRules() throws Exception {
    String rules = rules(100_000, i -> "host d%d u%d 10.0.0.0/8 md5".formatted(i, i));
    assertThat(statuses(text(rules))).containsExactly(200, 200, 200, 200, 413);
    JsonNode parsed = JSON.readTree(post("parse", text(rules)).body());
    assertThat(parsed.path("accepted").asInt()).isEqualTo(100_000);
    assertThat(parsed.path("records")).hasSize(1_000);
    assertThat(parsed.path("omitted").asInt()).isEqualTo(99_000);
    JsonNode proof = JSON.readTree(post("prove", text(rules)).body());
    assertThat(proof.path("verdict").asText()).isEqualTo("NOT_ENFORCED");
    assertThat(proof.path("omittedWitnesses").asInt()).isEqualTo(99_000);
    healthy();
  }

  @Test
  void manyAtOnce() throws Exception {
    String rules = rules(MANY, i -> "host all,a%d u%d,v 10.0.0.0/8 md5".formatted(i, i));
    ExecutorService callers = Executors.newFixedThreadPool(6);
    try {
      List<Future<Integer>> running = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        String verb = VERBS.get(i % 3);
        running.add(callers.submit(() -> post(verb, text(rules)).statusCode()));
      }
      for (Future<Integer> answer : running) {
        assertThat(answer.get()).isIn(200, 429);
      }
    } finally {
      callers.shutdownNow();
    }
    healthy();
  }

  @Test
  void listsOfTenThousand() throws Exception {
    String list =
        IntStream.range(0, 10_000).mapToObj(i -> "w" + i).collect(Collectors.joining(","));
    String rule = "host " + list + " " + list + " 10.0.0.0 255.0.85.85 md5\n";
    assertThat(statuses(text(rule.repeat(20)))).allMatch(status -> status < 500);
    assertThat(
            statuses(
                files(
                    Map.of(
                        "pg_hba.conf", "host @l @l all md5\n".repeat(1_000),
                        "l", list.replace(',', '\n')))))
        .containsOnly(413);
    String pairs =
        rules(
            MANY / 30,
            i ->
                "host "
                    + IntStream.range(0, 64)
                        .mapToObj(k -> "a" + i + "_" + k)
                        .collect(Collectors.joining(","))
                    + " "
                    + IntStream.range(0, 64)
                        .mapToObj(k -> "b" + i + "_" + k)
                        .collect(Collectors.joining(","))
                    + " all md5");
    assertThat(statuses(text(pairs))).containsOnly(200);
    healthy();
  }

  @Test
  void includesWithoutEnd() throws Exception {
    for (int major : List.of(14, 15, 16, 18)) {
      assertThat(
              statuses(
                  at(major, "pg_hba.conf", "local all all peer\nlocal @s all peer\n", "s", "@s\n")))
          .containsExactly(200, 200, 422, 200, 422);
      assertThat(statuses(at(major, "pg_hba.conf", "local @pg_hba.conf all peer\n", "x", "")))
          .containsExactly(200, 200, 422, 200, 422);
      Map<String, String> deep = new HashMap<>(Map.of("pg_hba.conf", "local @f0 all peer\n"));
      IntStream.range(0, 198).forEach(i -> deep.put("f" + i, "@f" + (i + 1) + "\n"));
      deep.put("f198", "db\n");
      Map<String, Object> body = files(deep);
      body.put("postgresMajor", major);
      assertThat(statuses(body)).allMatch(status -> status < 500);
    }
    Map<String, String> fan = new HashMap<>(Map.of("pg_hba.conf", "include f0\n".repeat(100)));
    IntStream.range(0, 8).forEach(i -> fan.put("f" + i, ("include f" + (i + 1) + "\n").repeat(99)));
    fan.put("f8", "local a a peer\n");
    assertThat(statuses(files(fan))).containsOnly(413);
    Map<String, String> directory =
        new HashMap<>(Map.of("pg_hba.conf", "include_dir d\n".repeat(100_000)));
    IntStream.range(0, 150).forEach(i -> directory.put("d/" + i + ".conf", ""));
    assertThat(statuses(files(directory))).containsOnly(413);
    assertThat(
            statuses(
                at(16, "pg_hba.conf", "include_if_exists " + "a/".repeat(400_000) + "\n", "x", "")))
        .containsExactly(200, 200, 422, 200, 422);
    healthy();
  }

  @Test
  void expressionsThatExplode() throws Exception {
    assertThat(
            statuses(text("host /" + "(".repeat(400_000) + ")".repeat(400_000) + " a all md5\n")))
        .allMatch(status -> status < 500);
    assertThat(statuses(text(rules(MANY, i -> "host all /^(x?){25}x{25}%d$ all md5".formatted(i)))))
        .allMatch(status -> status < 500);
    assertThat(statuses(text(rules(MANY, i -> "host /(x+x+)+y%d all all md5".formatted(i)))))
        .allMatch(status -> status < 500);
    healthy();
  }

  private static String rules(int count, java.util.function.IntFunction<String> rule) {
    return IntStream.range(0, count).mapToObj(rule).collect(Collectors.joining("\n", "", "\n"));
  }

  private static Map<String, Object> text(String text) {
    return new HashMap<>(Map.of("postgresMajor", 16, "text", text));
  }

  private static Map<String, Object> base64(String text) {
    String base64 = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.ISO_8859_1));
    return new HashMap<>(Map.of("postgresMajor", 16, "textBase64", base64));
  }

  private static Map<String, Object> files(Map<String, String> files) {
    return new HashMap<>(Map.of("postgresMajor", 16, "files", files));
  }

  private static Map<String, Object> at(
      int major, String path, String text, String otherPath, String other) {
    Map<String, Object> body = files(Map.of(path, text, otherPath, other));
    body.put("postgresMajor", major);
    return body;
  }

  /** The status of each verb's answer, which is judged. */
  private List<Integer> statuses(Map<String, Object> body) throws Exception {
    List<Integer> statuses = new ArrayList<>();
    for (String verb : VERBS) {
      statuses.add(post(verb, body).statusCode());
    }
    return statuses;
  }

  private HttpResponse<String> post(String verb, Map<String, Object> texts) throws Exception {
    Map<String, Object> body = new HashMap<>(texts);
    if (verb.equals("evaluate")) {
      String name = "x".repeat(60);
      body.put(
          "connection", Map.of("database", name, "username", name, "clientAddress", "10.0.0.1"));
    }
    if (verb.equals("convert")) {
      body.put("direction", "ENFORCE");
    }
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(application.replica().baseUri().resolve("/v1/hba:" + verb))
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + application.token())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    String context = verb + ": " + answer.statusCode() + " " + brief(answer.body());
    assertThat(answer.body()).as(context).hasSizeLessThan(ANSWER_BYTES);
    if (answer.statusCode() != 200) {
      assertThat(answer.statusCode()).as(context).isBetween(400, 499);
      assertThat(answer.headers().firstValue("Content-Type"))
          .as(context)
          .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
      assertThat(answer.body()).as(context).contains("\"detail\"").hasSizeLessThan(8_000);
    }
    return answer;
  }

  private static String brief(String text) {
    return text.substring(0, Math.min(text.length(), 500));
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
}
