package dev.pgseal.certificate;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;

/** Server certificates without an authority: the certificate itself is what clients trust. */
public final class SelfSigned {

  private SelfSigned() {}

  /**
   * A server certificate signed by its own key. Not an authority: whoever takes the key can pose as
   * this server and nothing else.
   */
  public static IssuedCertificate server(
      ServerCertificateRequest request, KeyMaterial key, Clock clock) {
    SignatureRules.requireBindable(key.publicKey(), request.accepted());
    SubjectAltNames names = request.names();
    X500Name subject = subject(names);
    SigningKey self =
        new SigningKey(subject, CertificateBuilder.authorityKeyIdentifier(key.publicKey()), key);
    X509Certificate leaf =
        ServerProfile.signSelf(
            self, subject, names, key.publicKey(), Validity.startingNow(clock, request.validity()));
    return new IssuedCertificate(leaf, List.of(leaf), List.of());
  }

  /** Never empty: it is the issuer as well, which must have a name (RFC 5280 §4.1.2.4). */
  private static X500Name subject(SubjectAltNames names) {
    X500Name name = ServerProfile.subject(names);
    if (name.getRDNs().length > 0) {
      return name;
    }
    return DistinguishedName.commonName(
        names.texts().stream()
            .filter(text -> text.length() <= DistinguishedName.MAX_COMMON_NAME)
            .findFirst()
            .orElse("PostgreSQL server"));
  }
}
