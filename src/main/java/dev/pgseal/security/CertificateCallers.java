package dev.pgseal.security;

import dev.pgseal.problem.PgsealException;
import io.quarkus.runtime.Startup;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;

/**
 * Makes the caller of a client certificate. Its name is {@code cert:} and what the configuration
 * knows it by, which no token's name can be. A certificate that the authorities issued to somebody
 * else is good for nothing, nor is one that is two callers at once.
 */
@Startup
@ApplicationScoped
class CertificateCallers {

  static final String PREFIX = "cert:";

  private static final Pattern PRINTABLE = Pattern.compile("[^\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]*");
  private static final int SHOWN = 200;

  private final List<Known> known = new ArrayList<>();

  /** A caller of the configuration. */
  private record Known(String identifier, Matcher matcher, Grant grant) {}

  private interface Matcher {
    boolean matches(X509Certificate certificate);
  }

  @Inject
  CertificateCallers(MtlsSettings settings) {
    if (!settings.callers().isEmpty() && settings.authorityFile().isEmpty()) {
      throw new IllegalStateException(
          "pgseal.mtls.callers needs pgseal.mtls.authority-file: whose certificates are taken");
    }
    settings.callers().forEach((name, caller) -> known.add(known(name, caller)));
  }

  /**
   * @throws IllegalStateException for a caller that is not well described
   */
  private static Known known(String name, MtlsSettings.CertificateCaller caller) {
    String property = "pgseal.mtls.callers." + name;
    if (caller.subject().isPresent() == caller.san().isPresent()) {
      throw new IllegalStateException(property + " must have either subject or san");
    }
    try {
      Grant grant = new Grant(caller.roles(), labels(caller.serverLabels().orElse(List.of())));
      String identifier = caller.subject().or(caller::san).orElseThrow();
      Matcher matcher =
          caller.subject().isPresent() ? subject(identifier) : subjectAltName(identifier);
      return new Known(identifier, matcher, grant);
    } catch (IllegalArgumentException | PgsealException e) {
      throw new IllegalStateException(property + ": " + e.getMessage(), e);
    }
  }

  private static Matcher subject(String name) {
    X500Principal expected = new X500Principal(name);
    return certificate -> expected.equals(certificate.getSubjectX500Principal());
  }

  private static Matcher subjectAltName(String san) {
    int colon = san.indexOf(':');
    int type =
        switch (colon < 0 ? "" : san.substring(0, colon)) {
          case "DNS" -> 2;
          case "URI" -> 6;
          default ->
              throw new IllegalArgumentException("san must begin with URI: or DNS:, not " + san);
        };
    List<?> expected = List.of(type, san.substring(colon + 1));
    return certificate -> subjectAltNames(certificate).contains(expected);
  }

  private static Collection<List<?>> subjectAltNames(X509Certificate certificate) {
    try {
      return Optional.ofNullable(certificate.getSubjectAlternativeNames()).orElse(List.of());
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  private static Map<String, String> labels(List<String> pairs) {
    Map<String, String> labels = new HashMap<>();
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("server-labels: " + pair + " is no label");
      }
      labels.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return labels;
  }

  SecurityIdentity of(X509Certificate certificate) {
    List<Known> callers =
        known.stream().filter(each -> each.matcher().matches(certificate)).toList();
    if (callers.size() == 1) {
      Known caller = callers.get(0);
      return CallerIdentity.granted(PREFIX + caller.identifier(), caller.grant());
    }
    String subject = PREFIX + shown(certificate);
    return CallerIdentity.refused(
        subject,
        callers.isEmpty()
            ? new Refusal(
                "The certificate is valid, but it is nobody's who may call",
                "pgseal.mtls.callers.* says who may; or send a bearer token")
            : new Refusal(
                "The certificate is that of more than one caller",
                "pgseal.mtls.callers.* must name each certificate once"));
  }

  private static String shown(X509Certificate certificate) {
    String subject = certificate.getSubjectX500Principal().getName(X500Principal.RFC2253);
    return subject.length() <= SHOWN && PRINTABLE.matcher(subject).matches()
        ? subject
        : "serial " + certificate.getSerialNumber().toString(16);
  }
}
