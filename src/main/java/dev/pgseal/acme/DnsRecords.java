package dev.pgseal.acme;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.issuing.ExternalRegistration.DnsWebhook;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * TXT records that a webhook publishes while challenges run: {@code POST <url>/present} and {@code
 * POST <url>/cleanup} with {@code {"fqdn", "value"}}, as lego's {@code httpreq} provider speaks it.
 * Closing removes all that were presented.
 */
final class DnsRecords implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(DnsRecords.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DnsWebhook webhook;
  private final Duration timeout;
  private final HttpClient http;
  private final List<Txt> presented = new ArrayList<>();

  private record Txt(String fqdn, String value) {}

  /**
   * @param roots PEM that may verify the webhook's TLS besides the JDK's
   * @param timeout of one request
   */
  DnsRecords(DnsWebhook webhook, @Nullable String roots, Duration timeout) {
    this.webhook = webhook;
    this.timeout = timeout;
    this.http =
        HttpClient.newBuilder()
            .sslContext(TrustedRoots.also(roots))
            .connectTimeout(timeout)
            .followRedirects(HttpClient.Redirect.NEVER) // the password is for this URL alone
            .build();
  }

  /**
   * @param fqdn with a dot at its end
   * @throws PgsealException {@code ISSUER_FAULT}
   */
  void present(String fqdn, String value) {
    Txt record = new Txt(fqdn, value);
    presented.add(record); // before it is asked: an answer may be lost
    post("present", record);
  }

  /** Never fails: a record that stays does no harm, and the certificate is there. */
  @Override
  public void close() {
    for (Txt record : presented) {
      try {
        post("cleanup", record);
      } catch (PgsealException e) {
        LOG.warnf("The TXT record %s was not removed: %s", record.fqdn(), e.detail());
      }
    }
    presented.clear();
  }

  private void post(String verb, Txt record) {
    try {
      HttpResponse<Void> answer = http.send(request(verb, record), BodyHandlers.discarding());
      if (answer.statusCode() / 100 != 2) {
        throw fault(
            "The DNS webhook answered %d to %s of %s"
                .formatted(answer.statusCode(), verb, record.fqdn()),
            null);
      }
    } catch (IOException e) {
      throw fault("The DNS webhook %s cannot be reached: %s".formatted(webhook.url(), e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PgsealException(ProblemType.INTERNAL_ERROR, "Interrupted while waiting", e);
    }
  }

  private HttpRequest request(String verb, Txt record) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(below(webhook.url(), verb))
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json(record)));
    if (webhook.username() != null) {
      String password = webhook.password() == null ? "" : webhook.password();
      byte[] login = (webhook.username() + ":" + password).getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login));
    }
    return request.build();
  }

  private static URI below(URI url, String verb) {
    return URI.create(url.toString().replaceAll("/+$", "") + "/" + verb);
  }

  private static String json(Txt record) {
    try {
      return JSON.writeValueAsString(Map.of("fqdn", record.fqdn(), "value", record.value()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Two texts are always JSON", e);
    }
  }

  private static PgsealException fault(String detail, @Nullable Exception cause) {
    return new PgsealException(ProblemType.ISSUER_FAULT, detail, cause)
        .hint("The webhook publishes the TXT records of dns-01 challenges; see its own log.");
  }
}
