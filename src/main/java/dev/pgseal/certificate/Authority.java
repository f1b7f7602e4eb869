package dev.pgseal.certificate;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.jspecify.annotations.Nullable;

/** A certificate authority with its key: a root of its own, or an intermediate below one. */
public final class Authority {

  private final List<X509Certificate> chain;
  private final KeyMaterial key;
  private final AuthorityPolicy policy;

  Authority(List<X509Certificate> chain, KeyMaterial key, AuthorityPolicy policy) {
    this.chain = List.copyOf(chain);
    this.key = key;
    this.policy = policy;
  }

  /** A new root with a new key. */
  public static Authority create(AuthorityProfile profile, Clock clock) {
    KeyMaterial key = profile.keyType().generate();
    X500Name name = DistinguishedName.of(profile.commonName(), profile.organization());
    SigningKey self =
        new SigningKey(name, CertificateBuilder.authorityKeyIdentifier(key.publicKey()), key);
    X509Certificate root =
        AuthorityCertificates.sign(
            self, profile, key.publicKey(), Validity.startingNow(clock, profile.validity()));
    return new Authority(List.of(root), key, profile.policy());
  }

  /**
   * An authority brought along, or one that was stored.
   *
   * @param chainPem its certificate first, then every issuer up to and including the root
   * @param keyPem its private key, see {@link Pem#privateKey}
   * @throws PgsealException {@code CERTIFICATE_INVALID} when the key does not match, it is no
   *     authority, expired, out of order, without its root, or signs without channel binding and
   *     that is not accepted
   */
  public static Authority of(
      String chainPem,
      String keyPem,
      char @Nullable [] passphrase,
      AuthorityPolicy policy,
      Set<Acceptance> accepted,
      Clock clock) {
    List<X509Certificate> chain = Pem.certificates(chainPem);
    KeyMaterial key = Pem.privateKey(keyPem, passphrase);
    return of(chain, key, policy, accepted, clock);
  }

  static Authority of(
      List<X509Certificate> chain,
      KeyMaterial key,
      AuthorityPolicy policy,
      Set<Acceptance> accepted,
      Clock clock) {
    AuthorityCertificates.requireUsable(chain, clock);
    if (!key.matches(chain.get(0))) {
      throw CertificateProblems.invalid(
              "The private key is not that of the authority's certificate")
          .hint("The authority's own certificate comes first, then its issuers up to the root.");
    }
    SignatureRules.requireBindable(key.publicKey(), accepted);
    return new Authority(chain, key, policy);
  }

  /** A new authority below this one, with a new key; never valid longer than this one. */
  public Authority createIntermediate(AuthorityProfile profile, Clock clock) {
    KeyMaterial intermediate = profile.keyType().generate();
    List<X509Certificate> issued = issueAuthority(profile, intermediate.publicKey(), clock);
    return new Authority(issued, intermediate, profile.policy());
  }

  /** Certifies another authority's key; the answer is its whole chain, root included. */
  public List<X509Certificate> issueAuthority(
      AuthorityProfile profile, PublicKey authorityKey, Clock clock) {
    requireCurrent(clock);
    PolicyCheck.requireStrong(authorityKey);
    new PolicyCheck(policy, chain).requireAuthorityName(profile.commonName());
    SignatureRules.requireBindable(authorityKey, profile.accepted());
    AuthorityCertificates.requireRoomBelow(certificate(), profile);
    X509Certificate issued =
        AuthorityCertificates.sign(
            signingKey(),
            profile,
            authorityKey,
            Validity.startingNow(clock, profile.validity()).within(certificate()));
    List<X509Certificate> issuedChain = new ArrayList<>(List.of(issued));
    issuedChain.addAll(chain);
    return List.copyOf(issuedChain);
  }

  /**
   * A certificate for a server's key that was made elsewhere.
   *
   * @throws PgsealException {@code CERTIFICATE_INVALID} for a weak key, {@code POLICY_VIOLATION},
   *     or {@code ILLEGAL_STATE} when the authority has expired
   */
  public IssuedCertificate issueServer(
      ServerCertificateRequest request, PublicKey serverKey, Clock clock) {
    requireCurrent(clock);
    PolicyCheck check = new PolicyCheck(policy, chain);
    check.requireKey(serverKey);
    check.requireValidity(request.validity());
    SubjectAltNames names = check.requireNames(request.names());
    Validity asked = Validity.startingNow(clock, request.validity());
    Validity granted = asked.within(certificate());
    X509Certificate leaf =
        ServerProfile.sign(signingKey(), ServerProfile.subject(names), names, serverKey, granted);
    return issued(leaf, asked, granted, IssuedLint.server(leaf, request.endpoints()));
  }

  /** The same for a CSR: its key, the request's names. What names the CSR asks for is not used. */
  public IssuedCertificate issueServer(
      ServerCertificateRequest request, SigningRequest signingRequest, Clock clock) {
    return issueServer(request, signingRequest.publicKey(), clock);
  }

  /**
   * A certificate for a client's key.
   *
   * @throws PgsealException as {@link #issueServer(ServerCertificateRequest, PublicKey, Clock)}
   *     does
   */
  public IssuedCertificate issueClient(
      ClientCertificateRequest request, PublicKey clientKey, Clock clock) {
    requireCurrent(clock);
    PolicyCheck check = new PolicyCheck(policy, chain);
    check.requireKey(clientKey);
    check.requireValidity(request.validity());
    check.requireClientName(request.commonName());
    Validity asked = Validity.startingNow(clock, request.validity());
    Validity granted = asked.within(certificate());
    X509Certificate leaf =
        ClientProfile.sign(signingKey(), request.commonName(), clientKey, granted);
    return issued(leaf, asked, granted, IssuedLint.client(leaf));
  }

  /**
   * A CRL of this authority.
   *
   * @param number one more than the last; every checker may insist that it grows
   * @param revoked all that are revoked and not yet expired
   * @param life until {@link RevocationList#nextUpdate()}
   * @throws PgsealException {@code CERTIFICATE_INVALID} when the authority was brought along and
   *     its keyUsage lacks cRLSign, {@code ILLEGAL_STATE} when it has expired
   */
  public RevocationList issueCrl(
      BigInteger number, Collection<RevokedCertificate> revoked, Duration life, Clock clock) {
    requireCurrent(clock);
    AuthorityCertificates.requireCrlSign(certificate());
    return RevocationList.sign(signingKey(), number, revoked, life, clock);
  }

  public X509Certificate certificate() {
    return chain.get(0);
  }

  /** Its own certificate first, the root last. */
  public List<X509Certificate> chain() {
    return chain;
  }

  /** What clients trust ({@code sslrootcert}, {@code ssl_ca_file}): the root, as PEM. */
  public String bundle() {
    return Pem.encode(root());
  }

  /** The end of its chain, itself when it is a root. */
  public X509Certificate root() {
    return chain.get(chain.size() - 1);
  }

  public KeyMaterial key() {
    return key;
  }

  public AuthorityPolicy policy() {
    return policy;
  }

  @Override
  public String toString() {
    return "Authority[" + certificate().getSubjectX500Principal() + "]";
  }

  SigningKey signingKey() {
    return AuthorityCertificates.signingKey(certificate(), key);
  }

  private IssuedCertificate issued(
      X509Certificate leaf, Validity asked, Validity granted, List<Finding> lint) {
    List<X509Certificate> sent = new ArrayList<>(List.of(leaf));
    sent.addAll(chain.subList(0, chain.size() - 1));
    List<Finding> warnings = new ArrayList<>(lint);
    if (!granted.notAfter().equals(asked.notAfter())) {
      warnings.add(IssuedLint.shortened(granted.notAfter()));
    }
    return new IssuedCertificate(leaf, sent, warnings);
  }

  private void requireCurrent(Clock clock) {
    if (!clock.instant().isBefore(certificate().getNotAfter().toInstant())) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE,
              "The authority expired at " + certificate().getNotAfter().toInstant())
          .hint("Rotate it: a certificate below an expired authority is refused by every client.");
    }
  }
}
