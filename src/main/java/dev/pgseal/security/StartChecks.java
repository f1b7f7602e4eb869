package dev.pgseal.security;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * What must hold before the first request is let in; StartupEvent comes before the socket opens.
 */
@ApplicationScoped
class StartChecks {

  private static final Logger LOG = Logger.getLogger(StartChecks.class);

  /** Below this a token can be guessed. */
  private static final int SHORTEST_TOKEN = 32;

  private final SecuritySettings settings;
  private final OidcSettings oidc;
  private final Tokens tokens;
  private final String host;
  private final Optional<String> insecureRequests;

  StartChecks(
      SecuritySettings settings,
      OidcSettings oidc,
      Tokens tokens,
      @ConfigProperty(name = "quarkus.http.host") String host,
      @ConfigProperty(name = "quarkus.http.insecure-requests") Optional<String> insecureRequests) {
    this.settings = settings;
    this.oidc = oidc;
    this.tokens = tokens;
    this.host = host;
    this.insecureRequests = insecureRequests;
  }

  void onStart(@Observes StartupEvent event) {
    requireEncryptedTraffic(host, insecureRequests.orElse("enabled"), settings.acceptPlainHttp());
    requireSafe(oidc);
    settings.bootstrapToken().ifPresent(this::bootstrap);
  }

  private void bootstrap(String value) {
    requireLongToken(value);
    if (tokens.bootstrap(value)) {
      LOG.info("The bootstrap token is stored: the control database had none");
    }
  }

  static void requireLongToken(String value) {
    if (value.length() < SHORTEST_TOKEN) {
      throw new IllegalStateException(
          "pgseal.bootstrap-token must have at least "
              + SHORTEST_TOKEN
              + " characters, such as the output of: openssl rand -hex 32");
    }
  }

  /**
   * @param insecureRequests {@code quarkus.http.insecure-requests}: {@code enabled} opens the plain
   *     port, also beside TLS
   */
  static void requireEncryptedTraffic(String host, String insecureRequests, boolean accepted) {
    if (accepted || !insecureRequests.equals("enabled") || loopback(host)) {
      return;
    }
    throw new IllegalStateException(
        """
        pgseal would serve plain HTTP on %s, and tokens and keys would cross the network readable. \
        Either give it TLS (pgseal.https.certificate-file and pgseal.https.key-file, without \
        quarkus.http.insecure-requests=enabled), or listen on loopback \
        (quarkus.http.host=127.0.0.1), or, when TLS ends in front of it, say so: \
        pgseal.accept-plain-http=true"""
            .formatted(host));
  }

  /** A JWT for another service, or of another issuer, must not be good for anything here. */
  static void requireSafe(OidcSettings oidc) {
    if (!oidc.enabled()) {
      return;
    }
    URI issuer =
        oidc.issuer()
            .orElseThrow(() -> new IllegalStateException("pgseal.oidc.issuer must be given"));
    if (!"https".equals(issuer.getScheme())
        && !("http".equals(issuer.getScheme())
            && issuer.getHost() != null
            && loopback(issuer.getHost()))) {
      throw new IllegalStateException(
          "pgseal.oidc.issuer must be an https URL: whoever forges its keys is an admin here");
    }
    List<String> audience = oidc.audience().orElse(List.of());
    if (audience.isEmpty() || audience.contains("any")) {
      throw new IllegalStateException(
          "pgseal.oidc.audience must name what stands in the claim aud of tokens for pgseal");
    }
    if (oidc.roles().byRole().values().stream().allMatch(Set::isEmpty)) {
      throw new IllegalStateException(
          "pgseal.oidc.roles.viewer, .operator, .approver or .admin must say which values of the"
              + " claim "
              + oidc.rolesClaim()
              + " stand for it");
    }
  }

  private static boolean loopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
