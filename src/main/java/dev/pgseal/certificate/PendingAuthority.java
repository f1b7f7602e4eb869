package dev.pgseal.certificate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * An intermediate authority whose key is here and whose certificate is still to be signed by an
 * authority outside: take {@link #csrPem()} there, bring the chain back to {@link #complete}.
 *
 * @param key stays here; store it sealed between the two
 */
public record PendingAuthority(AuthorityProfile profile, KeyMaterial key) {

  public static PendingAuthority create(AuthorityProfile profile) {
    return new PendingAuthority(profile, profile.keyType().generate());
  }

  /** The certification request, asking for the profile of an authority. */
  public String csrPem() {
    try {
      Integer pathLength = profile.pathLength();
      ExtensionsGenerator extensions = new ExtensionsGenerator();
      extensions.addExtension(
          Extension.basicConstraints,
          true,
          pathLength == null ? new BasicConstraints(true) : new BasicConstraints(pathLength));
      extensions.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      byte[] der =
          SigningRequestBuilder.sign(
              key,
              DistinguishedName.of(profile.commonName(), profile.organization()),
              extensions.generate());
      return new String(Pem.encode("CERTIFICATE REQUEST", der), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new IllegalStateException("A certification request cannot be encoded", e);
    }
  }

  /**
   * The authority, once signed.
   *
   * @param chainPem its certificate first, then every issuer up to and including the root
   * @throws dev.pgseal.problem.PgsealException {@code CERTIFICATE_INVALID} as {@link Authority#of}
   *     does, also when what came back is for another key or no authority's
   */
  public Authority complete(String chainPem, Clock clock) {
    List<X509Certificate> chain = Pem.certificates(chainPem);
    return Authority.of(chain, key, profile.policy(), profile.accepted(), clock);
  }
}
