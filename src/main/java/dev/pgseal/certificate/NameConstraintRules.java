package dev.pgseal.certificate;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraintValidatorException;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PKIXNameConstraintValidator;
import org.jspecify.annotations.Nullable;

/**
 * Name constraints (RFC 5280 §4.2.1.10): written from a policy's permitted names, and read from the
 * authorities of a chain, since a leaf outside of them is refused by every client.
 */
final class NameConstraintRules {

  /** Reserved by RFC 2606, so no server is ever called so. */
  private static final PermittedName NO_DOMAIN = new PermittedName.Domain("invalid");

  /** The limited broadcast address (RFC 919), which no server ever has. */
  private static final PermittedName NO_ADDRESS = PermittedName.parse("255.255.255.255/32");

  private NameConstraintRules() {}

  /**
   * The extension for permitted names. The standard leaves a kind of name unconstrained that is not
   * mentioned, so for a kind without an entry something is permitted that cannot occur. The usual
   * way, to exclude an empty dNSName and 0.0.0.0/0 with ::/0 (CA/B baseline §7.1.5), makes the path
   * validation of JDK 17 throw index errors in each TLS handshake (sun.security.x509.DNSName and
   * IPAddressName, {@code constrains}).
   */
  static NameConstraints of(List<PermittedName> permitted) {
    List<PermittedName> all = new ArrayList<>(permitted);
    if (permitted.stream().noneMatch(PermittedName.Domain.class::isInstance)) {
      all.add(NO_DOMAIN);
    }
    if (permitted.stream().noneMatch(PermittedName.Range.class::isInstance)) {
      all.add(NO_ADDRESS);
    }
    GeneralSubtree[] subtrees =
        all.stream().map(NameConstraintRules::subtree).toArray(GeneralSubtree[]::new);
    return new NameConstraints(subtrees, null);
  }

  /** Whether any authority of the chain limits the names below it. */
  static boolean isConstrained(List<X509Certificate> chain) {
    return chain.stream().anyMatch(c -> extension(c) != null);
  }

  /** Refuses a name that an authority of the chain does not permit, or excludes. */
  static void requirePermitted(List<X509Certificate> chain, SubjectAltNames names) {
    for (X509Certificate authority : chain) {
      byte @Nullable [] extension = extension(authority);
      if (extension != null) {
        requirePermitted(authority, extension, names);
      }
    }
  }

  private static void requirePermitted(
      X509Certificate authority, byte[] extension, SubjectAltNames names) {
    PKIXNameConstraintValidator validator = validator(extension);
    for (GeneralName name : names.toGeneralNames().getNames()) {
      try {
        validator.checkPermitted(name);
        validator.checkExcluded(name);
      } catch (NameConstraintValidatorException e) {
        throw CertificateProblems.againstPolicy(
            "The name constraints of the authority %s do not permit one of the names %s"
                .formatted(authority.getSubjectX500Principal(), names.texts()));
      }
    }
  }

  private static PKIXNameConstraintValidator validator(byte[] extension) {
    try {
      NameConstraints constraints =
          NameConstraints.getInstance(ASN1OctetString.getInstance(extension).getOctets());
      PKIXNameConstraintValidator validator = new PKIXNameConstraintValidator();
      GeneralSubtree[] permitted = constraints.getPermittedSubtrees();
      if (permitted != null) {
        validator.intersectPermittedSubtree(permitted);
      }
      GeneralSubtree[] excluded = constraints.getExcludedSubtrees();
      if (excluded != null) {
        for (GeneralSubtree subtree : excluded) {
          validator.addExcludedSubtree(subtree);
        }
      }
      return validator;
    } catch (RuntimeException e) {
      throw CertificateProblems.invalid("The nameConstraints of an authority cannot be decoded");
    }
  }

  private static byte @Nullable [] extension(X509Certificate certificate) {
    return certificate.getExtensionValue(Extension.nameConstraints.getId());
  }

  private static GeneralSubtree subtree(PermittedName name) {
    if (name instanceof PermittedName.Domain domain) {
      return new GeneralSubtree(new GeneralName(GeneralName.dNSName, domain.name()));
    }
    byte[] octets = ((PermittedName.Range) name).networkAndMask();
    return new GeneralSubtree(new GeneralName(GeneralName.iPAddress, new DEROctetString(octets)));
  }
}
