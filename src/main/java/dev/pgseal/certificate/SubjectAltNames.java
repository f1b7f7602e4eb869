package dev.pgseal.certificate;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * The subjectAltName of a server (RFC 5280 §4.2.1.6): what {@code sslmode=verify-full} compares the
 * client's {@code host} with.
 *
 * @param dnsNames dNSName entries: A-labels, lower case, may hold a wildcard or (for old clients)
 *     the text of an IPv4 address
 * @param addresses iPAddress entries
 */
public record SubjectAltNames(List<String> dnsNames, List<InetAddress> addresses) {

  /** Far above any server; keeps the certificate small enough for every handshake. */
  public static final int MAX_ENDPOINTS = 100;

  public SubjectAltNames {
    dnsNames = List.copyOf(dnsNames);
    addresses = List.copyOf(addresses);
  }

  /** {@link #of(List, boolean)} with the names that PostgreSQL 14's libpq needs. */
  public static SubjectAltNames of(List<String> endpoints) {
    return of(endpoints, true);
  }

  /**
   * Names for the endpoints that clients use; duplicates fall together.
   *
   * @param endpoints 1 to {@value #MAX_ENDPOINTS} DNS names (internationalised ones are turned into
   *     A-labels), wildcards or IP literals
   * @param legacyIpNames IPv4 addresses also as dNSName: libpq up to 14 does not look at iPAddress
   *     and compares the text with the dNSNames (fe-secure-openssl.c). Not so for IPv6, whose text
   *     no dNSName may hold
   */
  public static SubjectAltNames of(List<String> endpoints, boolean legacyIpNames) {
    if (endpoints.isEmpty() || endpoints.size() > MAX_ENDPOINTS) {
      throw CertificateProblems.malformed(
          "A certificate needs 1 to " + MAX_ENDPOINTS + " endpoints, not " + endpoints.size());
    }
    LinkedHashSet<String> names = new LinkedHashSet<>();
    LinkedHashSet<String> oldNames = new LinkedHashSet<>();
    LinkedHashSet<InetAddress> addresses = new LinkedHashSet<>();
    for (String text : endpoints) {
      Endpoint endpoint = Endpoint.parse(text);
      if (endpoint instanceof Endpoint.Dns dns) {
        names.add(dns.name());
      } else if (endpoint instanceof Endpoint.Ip ip) {
        addresses.add(ip.address());
        if (legacyIpNames && ip.isIpv4()) {
          oldNames.add(ip.toString());
        }
      }
    }
    names.addAll(oldNames);
    return new SubjectAltNames(List.copyOf(names), List.copyOf(addresses));
  }

  /**
   * The names a certificate holds, as they are; empty when it has none that a server is known by.
   */
  public static SubjectAltNames of(X509Certificate certificate) {
    byte[] extension = certificate.getExtensionValue(Extension.subjectAlternativeName.getId());
    if (extension == null) {
      return new SubjectAltNames(List.of(), List.of());
    }
    try {
      byte[] value = ASN1OctetString.getInstance(extension).getOctets();
      return of(GeneralNames.getInstance(value));
    } catch (RuntimeException e) {
      throw CertificateProblems.invalid("The subjectAltName of the certificate cannot be decoded");
    }
  }

  static SubjectAltNames of(GeneralNames generalNames) {
    List<String> names = new ArrayList<>();
    List<InetAddress> addresses = new ArrayList<>();
    for (GeneralName name : generalNames.getNames()) {
      if (name.getTagNo() == GeneralName.dNSName) {
        names.add(name.getName().toString());
      } else if (name.getTagNo() == GeneralName.iPAddress) {
        address(ASN1OctetString.getInstance(name.getName()).getOctets()).ifPresent(addresses::add);
      }
    }
    return new SubjectAltNames(names, addresses);
  }

  /** Whether present clients (libpq 15+, pgjdbc, Go) accept these names for that endpoint. */
  public boolean covers(String endpoint) {
    Endpoint wanted = Endpoint.parse(endpoint);
    if (wanted instanceof Endpoint.Dns dns) {
      return dnsNames.stream().anyMatch(dns::isMatchedBy);
    }
    Endpoint.Ip ip = (Endpoint.Ip) wanted;
    return addresses.stream().anyMatch(address -> ip.isMatchedBy(address.getAddress()));
  }

  /** The same for libpq up to PostgreSQL 14, which ignores iPAddress entries. */
  public boolean coversForLibpq14(String endpoint) {
    Endpoint wanted = Endpoint.parse(endpoint);
    return wanted instanceof Endpoint.Dns
        ? covers(endpoint)
        : dnsNames.stream().anyMatch(wanted.toString()::equalsIgnoreCase);
  }

  /** Every name once, for showing. */
  public List<String> texts() {
    return Stream.concat(dnsNames.stream(), addresses.stream().map(InetAddress::getHostAddress))
        .distinct()
        .toList();
  }

  /**
   * As openssl's configuration has it, such as {@code DNS:db.example.com,IP:10.0.0.5}
   * (x509v3_config(5)); no entry can hold a comma.
   */
  public String openSslText() {
    return Stream.concat(
            dnsNames.stream().map(name -> "DNS:" + name),
            addresses.stream().map(address -> "IP:" + address.getHostAddress()))
        .collect(Collectors.joining(","));
  }

  /** Whether both hold the same entries, whatever their order. */
  boolean sameAs(SubjectAltNames other) {
    return lowerCase(dnsNames).equals(lowerCase(other.dnsNames))
        && Set.copyOf(addresses).equals(Set.copyOf(other.addresses));
  }

  private static Set<String> lowerCase(List<String> names) {
    return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
  }

  /** The dNSName entries that are names, not the text of an address. */
  List<String> properNames() {
    return dnsNames.stream().filter(name -> !Endpoint.IPV4.matcher(name).matches()).toList();
  }

  GeneralNames toGeneralNames() {
    Stream<GeneralName> names =
        dnsNames.stream().map(name -> new GeneralName(GeneralName.dNSName, name));
    Stream<GeneralName> ips =
        addresses.stream()
            .map(ip -> new GeneralName(GeneralName.iPAddress, new DEROctetString(ip.getAddress())));
    return new GeneralNames(Stream.concat(names, ips).toArray(GeneralName[]::new));
  }

  private static Optional<InetAddress> address(byte[] octets) {
    try {
      return Optional.of(InetAddress.getByAddress(octets));
    } catch (UnknownHostException e) {
      return Optional.empty(); // of a length that is no address: nothing can match it
    }
  }
}
