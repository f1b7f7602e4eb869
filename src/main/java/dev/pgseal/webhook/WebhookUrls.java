package dev.pgseal.webhook;

import dev.pgseal.egress.EgressRule;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Which URLs a webhook may have, and which address of its host is connected to. */
@ApplicationScoped
public class WebhookUrls {

  private static final int MOST_CHARACTERS = 2000;

  private final EgressRule egress;
  private final boolean acceptHttpOnLoopback;
  private final Names names;

  /** Where the addresses of a name come from. */
  @FunctionalInterface
  interface Names {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  @Inject
  public WebhookUrls(EgressRule egress, WebhookConfig config) {
    this(egress, config, InetAddress::getAllByName);
  }

  WebhookUrls(EgressRule egress, WebhookConfig config, Names names) {
    this.egress = egress;
    this.acceptHttpOnLoopback = config.acceptHttpOnLoopback();
    this.names = names;
  }

  /**
   * @throws PgsealException {@code VALIDATION_FAILED} for what is no URL of a receiver, {@code
   *     ADDRESS_REFUSED} when its host is only at addresses that are refused. A host that is not
   *     known now may be later.
   */
  public URI require(String text) {
    URI url = parse(text);
    try {
      address(url);
    } catch (UnknownHostException e) {
      // it is asked again before each connection
    }
    return url;
  }

  private URI parse(String text) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      throw refused("url is not a URL");
    }
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    if (text.length() > MOST_CHARACTERS || url.getHost() == null) {
      throw refused("url must be an absolute https URL of at most 2000 characters");
    }
    if (url.getRawUserInfo() != null || url.getRawFragment() != null) {
      throw refused("url may have neither a login nor a fragment");
    }
    if (!scheme.equals("https") && !(scheme.equals("http") && acceptHttpOnLoopback)) {
      throw refused("url must begin with https://");
    }
    if (url.getPort() == 0 || url.getPort() > 65535) {
      throw refused("url has no port between 1 and 65535");
    }
    return url;
  }

  /**
   * The address to connect to: the first that is allowed. It is looked up here once, and it is this
   * one that the connection is made to, so a name that changes its mind changes nothing.
   *
   * @throws PgsealException {@code ADDRESS_REFUSED}
   */
  InetAddress address(URI url) throws UnknownHostException {
    InetAddress[] all = names.addresses(url.getHost());
    boolean plain = url.getScheme().equalsIgnoreCase("http");
    Optional<InetAddress> allowed =
        Arrays.stream(all)
            .filter(address -> egress.refusal(address).isEmpty())
            .filter(address -> !plain || (acceptHttpOnLoopback && address.isLoopbackAddress()))
            .findFirst();
    return allowed.orElseThrow(
        () ->
            new PgsealException(
                    ProblemType.ADDRESS_REFUSED,
                    "pgseal does not connect to %s: %s"
                        .formatted(
                            url.getHost(),
                            egress
                                .refusal(all[0])
                                .orElse("http is for loopback only, and must be accepted")))
                .hint("See pgseal.egress.allow in docs/operations.md"));
  }

  private static PgsealException refused(String detail) {
    return new PgsealException(ProblemType.VALIDATION_FAILED, detail).with("field", "url");
  }
}
