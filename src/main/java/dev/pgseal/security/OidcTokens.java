package dev.pgseal.security;

import io.quarkus.oidc.OIDCException;
import io.quarkus.oidc.runtime.OidcAuthenticationMechanism;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * JWTs of the OpenID provider as bearer tokens: signature, issuer, audience and times are verified
 * by Quarkus, what they are good for is decided by {@link OidcCallers}.
 */
@ApplicationScoped
class OidcTokens {

  private static final Logger LOG = Logger.getLogger(OidcTokens.class);

  /** JWS compact serialization (RFC 7515 §7.1): a JSON object in base64url, payload, signature. */
  private static final Pattern JWT = Pattern.compile("ey[\\w-]*\\.[\\w-]*\\.[\\w-]*");

  private static final String PROVIDER_AWAY = "pgseal.oidc.provider-away";

  private final OidcSettings settings;
  private final OidcAuthenticationMechanism oidc;

  OidcTokens(OidcSettings settings, OidcAuthenticationMechanism oidc) {
    this.settings = settings;
    this.oidc = oidc;
  }

  /** Whether the provider is to be asked about it; tokens of pgseal have no dots. */
  boolean takes(String token) {
    return settings.enabled() && JWT.matcher(token).matches();
  }

  /**
   * @return fails with {@link AuthenticationFailedException}; {@link #providerAway} tells whether
   *     that is the token's fault
   */
  Uni<SecurityIdentity> authenticate(
      RoutingContext context,
      IdentityProviderManager identityProviders,
      HttpAuthenticationMechanism asker) {
    return oidc.authenticate(context, identityProviders)
        .onFailure()
        .transform(failure -> failed(context, failure))
        // else the challenge would be Quarkus' own
        .onItemOrFailure()
        .invoke(
            (identity, failure) -> context.put(HttpAuthenticationMechanism.class.getName(), asker));
  }

  private static AuthenticationFailedException failed(RoutingContext context, Throwable failure) {
    if (away(failure)) {
      LOG.warnf("The OpenID provider cannot be asked: %s", failure.getMessage());
      context.put(PROVIDER_AWAY, true);
    }
    return failure instanceof AuthenticationFailedException known
        ? known
        : new AuthenticationFailedException(failure);
  }

  private static boolean away(@Nullable Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof OIDCException
          || each instanceof IOException
          || each instanceof TimeoutException) {
        return true;
      }
    }
    return false;
  }

  /** The last JWT of this request could not be judged, for the provider does not answer. */
  static boolean providerAway(RoutingContext context) {
    return Boolean.TRUE.equals(context.get(PROVIDER_AWAY));
  }
}
