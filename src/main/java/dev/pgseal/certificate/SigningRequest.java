package dev.pgseal.certificate;

import dev.pgseal.problem.PgsealException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.operator.ContentVerifierProvider;
import org.bouncycastle.operator.DefaultDigestAlgorithmIdentifierFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcECContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.jspecify.annotations.Nullable;

/**
 * A certification request (PKCS#10, RFC 2986) whose signature holds and whose key is strong: its
 * sender has the private key.
 *
 * @param subject name asked for, RFC 4514; may be empty
 * @param names subjectAltName asked for; shown, never issued without being asked for by the request
 *     that carries the CSR
 * @param keyDescription such as {@code EC P-256}
 * @param asksForAuthority whether its basicConstraints ask for CA; an issued leaf never is one
 * @param encoded DER, base64
 */
public record SigningRequest(
    PublicKey publicKey,
    String subject,
    SubjectAltNames names,
    String keyDescription,
    boolean asksForAuthority,
    String encoded) {

  /** Reads the one CERTIFICATE REQUEST block of a PEM text. */
  public static SigningRequest parse(String pem) {
    List<PemBlock> requests =
        PemScanner.scan(pem).stream().filter(PemBlock::isSigningRequest).toList();
    if (requests.size() != 1) {
      throw CertificateProblems.invalid(
              "There must be one CERTIFICATE REQUEST block in the PEM text, not " + requests.size())
          .hint("Make one with: openssl req -new -key server.key -subj /CN=name -out server.csr");
    }
    PemBlock block = requests.get(0);
    try {
      if (!DerDepth.isBounded(block.der())) {
        throw unreadable(block);
      }
      return of(new PKCS10CertificationRequest(block.der()));
    } catch (PgsealException e) {
      throw e;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      throw unreadable(block);
    }
  }

  private static SigningRequest of(PKCS10CertificationRequest request)
      throws GeneralSecurityException, IOException {
    SubjectKey kind = SubjectKey.of(request.getSubjectPublicKeyInfo());
    if (kind.weakness() != null) {
      throw CertificateProblems.invalid("The key of the CSR is refused: " + kind.weakness());
    }
    PublicKey key = BouncyCastle.publicKey(request.getSubjectPublicKeyInfo());
    requireSignature(request);
    return new SigningRequest(
        key,
        request.getSubject().toString(),
        requestedNames(request.getRequestedExtensions()),
        kind.description(),
        asksForAuthority(request.getRequestedExtensions()),
        Base64.getEncoder().encodeToString(request.getEncoded()));
  }

  /**
   * What its sender will not get, or will have trouble with: nothing that stands in the way.
   *
   * @param endpoints names that the certificate will be issued for
   */
  public List<Finding> lint(List<String> endpoints) {
    return SigningRequestLint.server(this, SubjectAltNames.of(endpoints));
  }

  /**
   * The same for a client's certificate.
   *
   * @param commonName what the certificate will be issued for
   */
  public List<Finding> lintClient(String commonName) {
    return SigningRequestLint.client(this, commonName);
  }

  /** Its DER, when it asks for exactly these names; a common name counts as one. */
  byte[] requireNames(SubjectAltNames wanted) {
    if (!names.sameAs(wanted) || !wanted.texts().containsAll(commonNames())) {
      throw CertificateProblems.invalid(
              "The CSR asks for the names %s, the request for %s; this issuer takes them from the CSR"
                  .formatted(asked(), wanted.texts()))
          .hint(
              "Make the CSR with a subjectAltName of exactly the endpoints, addresses as iPAddress"
                  + " only, and no other name as CN.");
    }
    return Base64.getDecoder().decode(encoded);
  }

  private List<String> asked() {
    return Stream.of(names.texts(), commonNames()).flatMap(List::stream).distinct().toList();
  }

  private List<String> commonNames() {
    return Stream.of(new X500Name(subject).getRDNs(BCStyle.CN))
        .map(rdn -> IETFUtils.valueToString(rdn.getFirst().getValue()))
        .map(name -> name.toLowerCase(Locale.ROOT))
        .toList();
  }

  private static void requireSignature(PKCS10CertificationRequest request) {
    boolean valid;
    try {
      valid = request.isSignatureValid(verifier(request.getSubjectPublicKeyInfo()));
    } catch (PKCSException | OperatorCreationException e) {
      valid = false; // an algorithm that does not fit the key proves nothing either
    }
    if (!valid) {
      throw CertificateProblems.invalid("The signature of the CSR does not hold")
          .hint("It must be signed with the private key of the public key it names.");
    }
  }

  /**
   * For ECDSA without the JCA, whose keys have a base point each: what is worked out for one is not
   * known for the next, and a verification takes twice as long.
   */
  private static ContentVerifierProvider verifier(SubjectPublicKeyInfo key)
      throws OperatorCreationException {
    if (SubjectKey.of(key).algorithm() == SubjectKey.Algorithm.EC) {
      return new BcECContentVerifierProviderBuilder(new DefaultDigestAlgorithmIdentifierFinder())
          .build(publicKey(key));
    }
    return new JcaContentVerifierProviderBuilder().setProvider(BouncyCastle.PROVIDER).build(key);
  }

  private static AsymmetricKeyParameter publicKey(SubjectPublicKeyInfo info)
      throws OperatorCreationException {
    try {
      return PublicKeyFactory.createKey(info);
    } catch (IOException e) {
      throw new OperatorCreationException("the public key cannot be decoded", e);
    }
  }

  private static SubjectAltNames requestedNames(@Nullable Extensions extensions) {
    GeneralNames names =
        extensions == null
            ? null
            : GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
    return names == null ? new SubjectAltNames(List.of(), List.of()) : SubjectAltNames.of(names);
  }

  private static boolean asksForAuthority(@Nullable Extensions extensions) {
    BasicConstraints constraints =
        extensions == null ? null : BasicConstraints.fromExtensions(extensions);
    return constraints != null && constraints.isCA();
  }

  private static PgsealException unreadable(PemBlock block) {
    return CertificateProblems.invalid("Not a CSR that can be read: " + block.where())
        .hint("Check it with: openssl req -noout -text -verify -in file");
  }
}
