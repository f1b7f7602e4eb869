package dev.pgseal.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pgseal.egress.EgressRule;
import dev.pgseal.testing.Configs;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries to a real HTTPS listener, also to one that means no good. */
class WebhookSenderTest {

  private static final Vertx VERTX = Vertx.vertx();
  private static final String BODY = "{\"type\":\"ping\"}";
  private static final String NAME = "hooks.example.org";

  private final WebhookSecret secret = WebhookSecret.generate();
  private Receiver receiver;

  @BeforeEach
  void start() throws Exception {
    receiver = new Receiver("127.0.0.1", "localhost", NAME);
  }

  @AfterEach
  void stop() throws Exception {
    receiver.close();
  }

  @AfterAll
  static void close() {
    VERTX.close();
  }

  @Test
  void aMessageArrivesWithASignatureOverIdTimeAndBody() {
    Attempt attempt = send("https://127.0.0.1:%d/hook?a=b", Map.of());

    assertThat(attempt).isEqualTo(new Attempt(204, null));
    Receiver.Message message = receiver.messages().get(0);
    assertThat(message.path()).isEqualTo("/hook?a=b");
    assertThat(message.body()).isEqualTo(BODY);
    assertThat(message.headers().getFirst("content-type")).isEqualTo("application/json");
    Instant at =
        Instant.ofEpochSecond(Long.parseLong(message.headers().getFirst("webhook-timestamp")));
    assertThat(message.headers().getFirst("webhook-signature"))
        .isEqualTo(secret.sign(message.headers().getFirst("webhook-id"), at, message.body()));
    assertThat(Duration.between(at, Instant.now()).abs()).isLessThan(Duration.ofMinutes(1));
  }

  @Test
  void aReceiverOfAnUnknownAuthorityGetsNothing() {
    Attempt attempt =
        sender(Map.of(), InetAddress::getAllByName)
            .send(url("https://127.0.0.1:%d/"), secret, "m1", BODY);

    assertThat(attempt.taken()).isFalse();
    assertThat(receiver.messages()).isEmpty();
  }

  @Test
  void aReceiverWhoseCertificateNamesAnotherHostGetsNothing() {
    Attempt attempt =
        sender(trusting(), host -> new InetAddress[] {loopback()})
            .send(url("https://other.example.org:%d/"), secret, "m1", BODY);

    assertThat(attempt.taken()).isFalse();
    assertThat(receiver.messages()).isEmpty();
  }

  @Test
  void aNameThatChangesItsMindIsConnectedToWhereItWasJudged() {
    AtomicInteger asked = new AtomicInteger();
    WebhookUrls.Names rebinding =
        host ->
            new InetAddress[] {
              asked.incrementAndGet() == 1 ? loopback() : InetAddress.getByName("169.254.169.254")
            };

    Attempt first =
        sender(trusting(), rebinding).send(url("https://" + NAME + ":%d/"), secret, "m1", BODY);
    assertThat(first.taken()).as(first.toString()).isTrue();
    assertThat(asked).hasValue(1);

    Attempt second =
        sender(trusting(), rebinding).send(url("https://" + NAME + ":%d/"), secret, "m2", BODY);
    assertThat(second.problem()).contains("link-local");
    assertThat(receiver.messages()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://169.254.169.254/latest",
        "https://[fe80::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://0.0.0.0:%d/",
        "https://2852039166/",
        "https://224.0.0.1/",
        "http://127.0.0.1:%d/"
      })
  void anAddressThatIsRefusedIsNotConnectedTo(String url) {
    Attempt attempt = send(url, Map.of());

    assertThat(attempt.problem()).containsAnyOf("does not connect", "unknown");
    assertThat(receiver.messages()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"FAILS, 503", "IS_GONE, 410", "REDIRECTS, 303"})
  void anotherAnswerThan2xxIsAFailureAndARedirectIsNotFollowed(Receiver.Manner manner, int status) {
    receiver.behave(manner);

    Attempt attempt = send("https://localhost:%d/", Map.of());

    assertThat(attempt.taken()).isFalse();
    assertThat(attempt.status()).isEqualTo(status);
    assertThat(receiver.messages()).hasSize(1);
  }

  @Test
  void aReceiverThatHangsIsGivenUpInTime() {
    receiver.behave(Receiver.Manner.HANGS);
    long began = System.nanoTime();

    Attempt attempt =
        send("https://localhost:%d/", Map.of("pgseal.webhooks.request-timeout", "1s"));

    assertThat(attempt.taken()).isFalse();
    assertThat(attempt.status()).isNull();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void ofAnAnswerWithoutEndNothingIsReadButItsHead() {
    receiver.behave(Receiver.Manner.SENDS_WITHOUT_END);

    Attempt attempt = send("https://localhost:%d/", Map.of());

    assertThat(attempt.status()).isEqualTo(200);
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(receiver::hungUpOn);
  }

  @Test
  void theLinesOfTheDocumentationVerifyAMessageAndRefuseAForgedOne() throws Exception {
    assumeTrue(hasPython(), "python3 is not installed");
    send("https://127.0.0.1:%d/hook", Map.of());
    Receiver.Message message = receiver.messages().get(0);

    assertThat(verify(message, secret, message.body())).isEqualTo("verified");
    assertThat(verify(message, secret, message.body() + " ")).contains("not signed by pgseal");
    assertThat(verify(message, WebhookSecret.generate(), message.body()))
        .contains("not signed by pgseal");
  }

  private static boolean hasPython() {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "python3")));
  }

  private static String verify(Receiver.Message message, WebhookSecret secret, String body)
      throws Exception {
    String documentation = Files.readString(Path.of("docs/posture.md"));
    int begin = documentation.indexOf("```python\n") + "```python\n".length();
    String script =
        documentation.substring(begin, documentation.indexOf("```", begin))
            + """

            import sys
            names = ["webhook-id", "webhook-timestamp", "webhook-signature"]
            try:
                verify(sys.argv[1], dict(zip(names, sys.argv[2:5])), sys.argv[5].encode())
                print("verified")
            except ValueError as e:
                print(e)
            """;
    Process python =
        new ProcessBuilder(
                "python3",
                "-c",
                script,
                secret.text(),
                message.headers().getFirst("webhook-id"),
                message.headers().getFirst("webhook-timestamp"),
                message.headers().getFirst("webhook-signature"),
                body)
            .redirectErrorStream(true)
            .start();
    return new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  private Attempt send(String url, Map<String, String> properties) {
    var all = new java.util.HashMap<>(trusting());
    all.putAll(properties);
    return sender(all, InetAddress::getAllByName).send(url(url), secret, "m1", BODY);
  }

  private Map<String, String> trusting() {
    return Map.of("pgseal.webhooks.trusted-certificates", receiver.roots().toString());
  }

  private URI url(String text) {
    return URI.create(text.replace("%d", Integer.toString(receiver.port())));
  }

  private static WebhookSender sender(Map<String, String> properties, WebhookUrls.Names names) {
    WebhookConfig config = Configs.of(WebhookConfig.class, properties);
    return new WebhookSender(
        VERTX, new WebhookUrls(EgressRule.DEFAULT, config, names), config, Clock.systemUTC());
  }

  private static InetAddress loopback() {
    return InetAddress.getLoopbackAddress();
  }
}
