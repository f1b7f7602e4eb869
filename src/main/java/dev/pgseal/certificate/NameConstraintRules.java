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

  private static final int IPV4_AND_MASK = 8;
  private static final int IPV6_AND_MASK = 32;

  private NameConstraintRules() {}

  /**
   * The extension for permitted names. A kind of name that no entry permits is excluded whole: the
   * standard leaves a kind unconstrained that is not mentioned (CA/B baseline §7.1.5 does the
   * same).
   */
  static NameConstraints of(List<PermittedName> permitted) {
    List<GeneralSubtree> allowed = new ArrayList<>();
    boolean domains = false;
    boolean ipv4 = false;
    boolean ipv6 = false;
    for (PermittedName name : permitted) {
      if (name instanceof PermittedName.Domain domain) {
        domains = true;
        allowed.add(subtree(new GeneralName(GeneralName.dNSName, domain.name())));
      } else if (name instanceof PermittedName.Range range) {
        ipv4 |= range.network().length == 4;
        ipv6 |= range.network().length == 16;
        allowed.add(address(range.networkAndMask()));
      }
    }
    List<GeneralSubtree> excluded = new ArrayList<>();
    if (!domains) {
      excluded.add(subtree(new GeneralName(GeneralName.dNSName, "")));
    }
    if (!ipv4) {
      excluded.add(address(new byte[IPV4_AND_MASK]));
    }
    if (!ipv6) {
      excluded.add(address(new byte[IPV6_AND_MASK]));
    }
    return new NameConstraints(array(allowed), excluded.isEmpty() ? null : array(excluded));
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

  private static GeneralSubtree address(byte[] networkAndMask) {
    return subtree(new GeneralName(GeneralName.iPAddress, new DEROctetString(networkAndMask)));
  }

  private static GeneralSubtree subtree(GeneralName name) {
    return new GeneralSubtree(name);
  }

  private static GeneralSubtree[] array(List<GeneralSubtree> subtrees) {
    return subtrees.toArray(GeneralSubtree[]::new);
  }
}
