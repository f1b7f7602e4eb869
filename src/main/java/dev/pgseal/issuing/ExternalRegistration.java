package dev.pgseal.issuing;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What opening an account with an ACME CA takes.
 *
 * @param directory its directory (RFC 8555 §7.1.1); https, or http on loopback
 * @param trust PEM of the roots that the directory's own TLS is verified with; null for the JDK's
 * @param contacts such as {@code mailto:dba@example.com}
 * @param binding external account binding, when the CA wants one
 * @param dnsWebhook answers dns-01 challenges; null when the names are authorised beforehand
 */
public record ExternalRegistration(
    URI directory,
    @Nullable String trust,
    List<String> contacts,
    @Nullable Binding binding,
    @Nullable DnsWebhook dnsWebhook) {

  public ExternalRegistration {
    contacts = List.copyOf(contacts);
  }

  /**
   * External account binding (RFC 8555 §7.3.4): an account known to the CA by other means.
   *
   * @param macKey base64url; used once, never stored
   */
  public record Binding(String keyId, String macKey) {
    @Override
    public String toString() {
      return "Binding[" + keyId + "]";
    }
  }

  /**
   * Publishes and removes TXT records: {@code POST <url>/present} and {@code POST <url>/cleanup}
   * with {@code {"fqdn", "value"}}, the protocol of lego's {@code httpreq} provider.
   */
  public record DnsWebhook(URI url, @Nullable String username, @Nullable String password) {
    @Override
    public String toString() {
      return "DnsWebhook[" + url + "]";
    }
  }
}
