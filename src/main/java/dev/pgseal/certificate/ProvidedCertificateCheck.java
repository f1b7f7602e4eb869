package dev.pgseal.certificate;

import dev.pgseal.certificate.Finding.Code;
import dev.pgseal.certificate.Finding.Severity;
import java.security.PublicKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/** Everything that can be said about a certificate from outside without a server. */
final class ProvidedCertificateCheck {

  private static final Duration SOON = Duration.ofDays(14);
  private static final int DIGITAL_SIGNATURE = 0; // bit of RFC 5280 §4.2.1.3

  private final List<X509Certificate> chain;
  private final X509Certificate leaf;
  private final PublicKey key;
  private final Set<Acceptance> accepted;
  private final Clock clock;
  private final List<Finding> findings = new ArrayList<>();

  ProvidedCertificateCheck(
      List<X509Certificate> chain, PublicKey key, Set<Acceptance> accepted, Clock clock) {
    this.chain = chain;
    this.leaf = chain.get(0);
    this.key = key;
    this.accepted = accepted;
    this.clock = clock;
  }

  /** Findings in the order a person would mend them. */
  List<Finding> run(List<String> endpoints) {
    checkKey();
    checkOrder();
    checkUsage();
    checkDates();
    checkStrength();
    checkChannelBinding();
    checkNames(endpoints);
    return List.copyOf(findings);
  }

  private void checkKey() {
    if (KeyMaterial.isFor(leaf, key)) {
      return;
    }
    for (int i = 1; i < chain.size(); i++) {
      if (KeyMaterial.isFor(chain.get(i), key)) {
        error(
            Code.KEY_MISMATCH,
            "The private key belongs to certificate %d (%s), not to the first one"
                .formatted(i + 1, chain.get(i).getSubjectX500Principal()),
            "Put the server's own certificate first; PostgreSQL takes the first one as the leaf.");
        return;
      }
    }
    error(
        Code.KEY_MISMATCH,
        "The private key (%s) is not that of the certificate (%s, %s)"
            .formatted(
                SubjectKey.of(key).description(),
                leaf.getSubjectX500Principal(),
                SubjectKey.of(leaf).description()),
        "Compare: openssl pkey -pubout -in key.pem with openssl x509 -pubkey -noout -in cert.pem");
  }

  private void checkOrder() {
    for (String fault : ChainOrder.faults(chain)) {
      error(
          Code.CHAIN_ORDER,
          fault,
          "Leaf first, each certificate followed by the one that issued it.");
    }
  }

  private void checkUsage() {
    if (leaf.getBasicConstraints() >= 0) {
      error(
          Code.IS_AUTHORITY,
          "The first certificate (%s) is an authority's".formatted(leaf.getSubjectX500Principal()),
          "Issue a certificate for the server with it, or let pgseal do so.");
    }
    boolean[] usage = leaf.getKeyUsage();
    if (usage != null && !usage[DIGITAL_SIGNATURE]) {
      error(
          Code.WRONG_USAGE,
          "The keyUsage of the certificate lacks digitalSignature",
          "TLS 1.3 needs it (RFC 8446 §4.4.2.2); have the certificate issued with it.");
    }
    List<String> purposes = extendedKeyUsage();
    if (!purposes.isEmpty()
        && !purposes.contains(KeyPurposeId.id_kp_serverAuth.getId())
        && !purposes.contains(KeyPurposeId.anyExtendedKeyUsage.getId())) {
      error(
          Code.WRONG_USAGE,
          "The extendedKeyUsage of the certificate lacks serverAuth",
          "This is not a server certificate; have one issued with serverAuth.");
    }
  }

  private List<String> extendedKeyUsage() {
    try {
      List<String> purposes = leaf.getExtendedKeyUsage();
      return purposes == null ? List.of() : purposes;
    } catch (CertificateParsingException e) {
      throw CertificateProblems.invalid(
          "The extendedKeyUsage of the certificate cannot be decoded");
    }
  }

  private void checkDates() {
    for (int i = 0; i < chain.size(); i++) {
      String which = which(i);
      CertificateDates.fault(chain.get(i), clock)
          .ifPresent(
              fault ->
                  error(
                      Code.NOT_YET_VALID_OR_EXPIRED,
                      which + " " + fault,
                      "PostgreSQL would serve it without a word, and every verifying client refuse"
                          + " it."));
    }
    Instant end = leaf.getNotAfter().toInstant();
    Instant now = clock.instant();
    if (end.isAfter(now) && end.isBefore(now.plus(SOON))) {
      warning(
          Code.EXPIRES_SOON,
          "The certificate expires at " + end,
          "Provided certificates are watched, never renewed by pgseal: provide the next one.");
    }
  }

  private void checkStrength() {
    for (int i = 0; i < chain.size(); i++) {
      String weakness = SubjectKey.of(chain.get(i)).weakness();
      if (weakness != null) {
        error(Code.WEAK_KEY, which(i) + " is refused: " + weakness, "Issue it for a stronger key.");
      }
      boolean root = i > 0 && ChainOrder.isSelfIssued(chain.get(i)); // trusted, not verified
      SignatureKind signature = SignatureKind.of(chain.get(i));
      if (!root && (signature == SignatureKind.BROKEN || signature == SignatureKind.UNSUPPORTED)) {
        error(
            Code.WEAK_SIGNATURE,
            "%s is signed with %s, which clients refuse"
                .formatted(which(i), chain.get(i).getSigAlgName()),
            "Have it signed with SHA-256 or better by an RSA or ECDSA key.");
      }
    }
  }

  private void checkChannelBinding() {
    if (SignatureKind.of(leaf) != SignatureKind.WITHOUT_CHANNEL_BINDING) {
      return;
    }
    add(
        Acceptance.SIGNATURE_WITHOUT_CHANNEL_BINDING,
        Code.SIGNATURE_WITHOUT_CHANNEL_BINDING,
        ("The certificate is signed with %s: SCRAM channel binding takes its hash from the signature"
                + " algorithm, and clients fail or go without it")
            .formatted(leaf.getSigAlgName()),
        SignatureRules.CURE);
  }

  private void checkNames(List<String> endpoints) {
    SubjectAltNames names = SubjectAltNames.of(leaf);
    for (String endpoint : endpoints) {
      if (!names.covers(endpoint)) {
        add(
            Acceptance.NAME_MISMATCH,
            Code.NAME_MISMATCH,
            "The certificate does not name %s; its subjectAltName has %s"
                .formatted(endpoint, names.texts().isEmpty() ? "no names" : names.texts()),
            "Have it issued for that name, or take the endpoint off the server; accept NAME_MISMATCH"
                + " when no client verifies names.");
      } else if (!names.coversForLibpq14(endpoint)) {
        warning(
            Code.NAME_MISMATCH_OLD_CLIENTS,
            "libpq up to PostgreSQL 14 does not find %s in the certificate".formatted(endpoint),
            "It looks at dNSName only: add the address there too, or connect by name.");
      }
    }
  }

  private String which(int index) {
    return "Certificate %d (%s)".formatted(index + 1, chain.get(index).getSubjectX500Principal());
  }

  private void add(Acceptance acceptance, Code code, String message, String hint) {
    Severity severity = accepted.contains(acceptance) ? Severity.WARNING : Severity.ERROR;
    findings.add(new Finding(severity, code, message, hint));
  }

  private void error(Code code, String message, String hint) {
    findings.add(new Finding(Severity.ERROR, code, message, hint));
  }

  private void warning(Code code, String message, String hint) {
    findings.add(new Finding(Severity.WARNING, code, message, hint));
  }
}
