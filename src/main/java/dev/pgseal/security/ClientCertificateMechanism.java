package dev.pgseal.security;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.identity.request.BaseAuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * The client certificate of the connection, for requests without a bearer token. The handshake
 * checked it; it is checked again with each request, for a connection may live longer than the
 * certificate, or than its good name.
 */
@ApplicationScoped
public class ClientCertificateMechanism implements HttpAuthenticationMechanism {

  private final MtlsSettings settings;

  ClientCertificateMechanism(MtlsSettings settings) {
    this.settings = settings;
  }

  /** After {@link BearerMechanism}. */
  @Override
  public int getPriority() {
    return BearerMechanism.PRIORITY - 1;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      RoutingContext context, IdentityProviderManager identityProviders) {
    return chain(context)
        .map(chain -> identityProviders.authenticate(new ClientCertificate(chain)))
        .orElseGet(() -> Uni.createFrom().nullItem());
  }

  private Optional<X509Certificate[]> chain(RoutingContext context) {
    SSLSession session = context.request().sslSession();
    if (session == null || settings.authorityFile().isEmpty()) {
      return Optional.empty();
    }
    try {
      Certificate[] chain = session.getPeerCertificates();
      return Optional.of(Arrays.copyOf(chain, chain.length, X509Certificate[].class));
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  /** The answer is that of {@link BearerMechanism}: a token would help. */
  @Override
  public Uni<ChallengeData> getChallenge(RoutingContext context) {
    return Uni.createFrom().nullItem();
  }

  @Override
  public Uni<Boolean> sendChallenge(RoutingContext context) {
    return Uni.createFrom().item(false);
  }

  @Override
  public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
    return Set.of(ClientCertificate.class);
  }

  /** Not Quarkus' own request, which its own provider answers. */
  static final class ClientCertificate extends BaseAuthenticationRequest {

    private final X509Certificate[] chain;

    ClientCertificate(X509Certificate[] chain) {
      this.chain = chain;
    }
  }

  /** Who has the certificate. */
  @ApplicationScoped
  static class Provider implements IdentityProvider<ClientCertificate> {

    private final ClientTrust trust;
    private final CertificateCallers callers;

    Provider(
        @Identifier(HttpsSettings.TLS_CONFIGURATION) ClientTrust trust,
        CertificateCallers callers) {
      this.trust = trust;
      this.callers = callers;
    }

    @Override
    public Class<ClientCertificate> getRequestType() {
      return ClientCertificate.class;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(
        ClientCertificate request, AuthenticationRequestContext context) {
      try {
        trust.verify(request.chain);
      } catch (CertificateException e) {
        return Uni.createFrom().failure(new AuthenticationFailedException(e));
      }
      return Uni.createFrom().item(() -> callers.of(request.chain[0]));
    }
  }
}
