package dev.pgseal.tls;

import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.certificate.Finding;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.ProvidedCertificate;
import dev.pgseal.certificate.RequestKey;
import dev.pgseal.certificate.SelfSigned;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.certificate.SigningRequest;
import dev.pgseal.issuing.CertificateIssuer;
import dev.pgseal.issuing.Issuers;
import dev.pgseal.postgres.CsrOnServer;
import dev.pgseal.postgres.KeyOnServer;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.SecretSession;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.LoginTarget;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Brings key and certificate into a generation directory, the key by the safest way there is:
 *
 * <ol>
 *   <li>made on the server by openssl, only the CSR comes back;
 *   <li>or made here (or brought along) and sent over TLS;
 *   <li>or, when the first contact can only be plaintext, sent over the TLS that a throw-away key
 *       turns on first ({@link FirstContact}).
 * </ol>
 *
 * A real key never crosses a connection in plaintext. Loopback is no exception: the address alone
 * does not tell a server on this host from a proxy or a tunnel to another one. The session that
 * carries the key keeps it out of logs and views ({@link SecretSession}).
 */
@ApplicationScoped
public class KeyPlacement {

  private final CertificateFiles files;
  private final CsrOnServer csrOnServer;
  private final SecretSession secrets;
  private final FirstContact firstContact;
  private final Issuers issuers;
  private final Clock clock;

  public KeyPlacement(
      CertificateFiles files,
      CsrOnServer csrOnServer,
      SecretSession secrets,
      FirstContact firstContact,
      Issuers issuers,
      Clock clock) {
    this.files = files;
    this.csrOnServer = csrOnServer;
    this.secrets = secrets;
    this.firstContact = firstContact;
    this.issuers = issuers;
    this.clock = clock;
  }

  /** Key and certificate lie in the generation's directory. */
  public record Placed(
      CertificateDescription certificate,
      String chainPem,
      KeyOrigin keyOrigin,
      List<String> warnings) {}

  /**
   * @throws dev.pgseal.problem.PgsealException {@code CERTIFICATE_INVALID} before the server was
   *     touched
   */
  public Placed place(
      ServerUnderChange change, CertificateInstaller.Request request, String generation) {
    if (request.source() instanceof CertificateSource.FromAuthority from) {
      CertificateIssuer issuer = issuers.open(from.authority());
      return canMakeKey(change.session(), request.keyType())
          ? fromKeyOnServer(change, request, generation, issuer)
          : fromKeyHere(change, request, generation, issuer);
    }
    if (request.source() instanceof CertificateSource.Provided provided) {
      return provided(change, request, generation, provided);
    }
    return fromKeyHere(change, request, generation, null);
  }

  private boolean canMakeKey(PostgresSession session, KeyType keyType) {
    return keyOnServer(keyType) != null && csrOnServer.possible(session);
  }

  /** The same kind of key as openssl on the server makes it; null when it is not offered there. */
  private static @Nullable KeyOnServer keyOnServer(KeyType keyType) {
    return switch (keyType) {
      case ECDSA_P256 -> KeyOnServer.EC_P256;
      case RSA_3072 -> KeyOnServer.RSA_3072;
      case ECDSA_P384, RSA_4096, ED25519 -> null;
    };
  }

  private Placed fromKeyOnServer(
      ServerUnderChange change,
      CertificateInstaller.Request request,
      String generation,
      CertificateIssuer issuer) {
    ServerCertificateRequest wanted = certificateRequest(change, request);
    String directory = files.create(change.session(), generation);
    KeyOnServer kind = Objects.requireNonNull(keyOnServer(request.keyType()));
    String csr =
        csrOnServer.make(change.session(), directory, kind, wanted.properNames().openSslText());
    IssuedCertificate issued =
        issuer.issueServer(wanted, new RequestKey.Elsewhere(SigningRequest.parse(csr)));
    files.writeCertificate(change.session(), generation, issued.chainPem());
    return new Placed(
        issued.describe(),
        issued.chainPem(),
        KeyOrigin.MADE_ON_SERVER,
        messages(issued.warnings()));
  }

  private Placed fromKeyHere(
      ServerUnderChange change,
      CertificateInstaller.Request request,
      String generation,
      @Nullable CertificateIssuer issuer) {
    KeyMaterial key = request.keyType().generate();
    ServerCertificateRequest wanted = certificateRequest(change, request);
    IssuedCertificate issued =
        issuer == null
            ? SelfSigned.server(wanted, key, clock)
            : issuer.issueServer(wanted, new RequestKey.Here(key));
    KeyOrigin origin = send(change, generation, issued.chainPem(), key);
    return new Placed(issued.describe(), issued.chainPem(), origin, messages(issued.warnings()));
  }

  private Placed provided(
      ServerUnderChange change,
      CertificateInstaller.Request request,
      String generation,
      CertificateSource.Provided provided) {
    ProvidedCertificate checked =
        ProvidedCertificate.check(
            provided.chainPem(),
            provided.keyPem(),
            provided.passphrase() == null ? null : provided.passphrase().toCharArray(),
            CertificateInstaller.endpoints(change.server()),
            request.accepted(),
            clock);
    KeyOrigin origin = send(change, generation, checked.chainPem(), checked.key());
    return new Placed(checked.describe(), checked.chainPem(), origin, messages(checked.warnings()));
  }

  private static List<String> messages(List<Finding> findings) {
    return findings.stream().map(Finding::message).toList();
  }

  private static ServerCertificateRequest certificateRequest(
      ServerUnderChange change, CertificateInstaller.Request request) {
    return new ServerCertificateRequest(
        CertificateInstaller.endpoints(change.server()), request.validity(), request.keyType());
  }

  private KeyOrigin send(
      ServerUnderChange change, String generation, String chainPem, KeyMaterial key) {
    try (PostgresSession session = change.helper(mode(change.login()))) {
      if (session.encrypted()) {
        write(session, generation, chainPem, key);
        return KeyOrigin.SENT_OVER_TLS;
      }
    }
    firstContact.over(change, encrypted -> write(encrypted, generation, chainPem, key));
    return KeyOrigin.SENT_AFTER_FIRST_CONTACT;
  }

  /** A login that is registered for plaintext takes TLS for a key where the server offers it. */
  private static ConnectionSslMode mode(LoginTarget login) {
    return login.sslMode() == ConnectionSslMode.DISABLE
        ? ConnectionSslMode.PREFER
        : login.sslMode();
  }

  private void write(PostgresSession session, String generation, String chainPem, KeyMaterial key) {
    PostgresSession quiet = secrets.quiet(session);
    files.create(quiet, generation);
    byte[] pem = key.pkcs8Pem();
    try {
      files.writeKey(quiet, generation, pem);
    } finally {
      Arrays.fill(pem, (byte) 0);
    }
    files.writeCertificate(quiet, generation, chainPem);
  }
}
