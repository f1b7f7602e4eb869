package dev.pgseal.tls;

import dev.pgseal.certificate.Pem;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which {@code sslmode} a standby can ask for: how much of its upstream it can verify. */
final class StreamTarget {

  private static final String LOOPBACK = "localhost|127\\..*|::1";

  private final WireProbe wire;

  StreamTarget(WireProbe wire) {
    this.wire = wire;
  }

  /**
   * @param seen what was proved by a handshake, as sentences
   */
  record Choice(String sslMode, String host, String remark, List<String> seen) {}

  /**
   * @param trust PEM; null when no authority is known
   * @throws PgsealException {@code SSL_NOT_TAKEN}, {@code CERTIFICATE_NOT_SERVED}
   */
  Choice choose(
      int standbyMajor, PrimaryConninfo conninfo, ManagedServer upstream, @Nullable String trust) {
    String host = conninfo.get("host").or(() -> conninfo.get("hostaddr")).orElse("");
    TlsAnswer.Served served = requireServed(upstream);
    if (trust == null) {
      return new Choice(
          "require",
          host,
          "no authority of the primary's certificate is known: not verified",
          List.of());
    }
    List<X509Certificate> anchors = Pem.certificates(trust);
    if (!TrustAnchors.chainsTo(served.chain(), anchors)) {
      throw new PgsealException(
              ProblemType.CERTIFICATE_NOT_SERVED,
              "The certificate that the primary %s serves does not chain to the authority"
                  .formatted(upstream.name()))
          .with("server", upstream.name());
    }
    List<String> seen = new ArrayList<>();
    seen.add(
        "handshake with %s:%d: %s, certificate %s, verified with the bundle"
            .formatted(upstream.host(), upstream.port(), served.protocol(), served.fingerprint()));
    List<String> obstacles = new ArrayList<>();
    for (PrimaryConninfo.Host each : conninfo.hosts()) {
      obstacle(each, conninfo.hosts().size() == 1, upstream, served, anchors, standbyMajor < 15)
          .ifPresent(obstacles::add);
    }
    if (conninfo.hosts().isEmpty()) {
      obstacles.add("libpq verifies a name only where primary_conninfo has a host");
    }
    return new Choice(
        obstacles.isEmpty() ? "verify-full" : "verify-ca",
        host,
        String.join("; ", obstacles),
        List.copyOf(seen));
  }

  private TlsAnswer.Served requireServed(ManagedServer upstream) {
    TlsAnswer answer = wire.tls(upstream.host(), upstream.port());
    if (answer instanceof TlsAnswer.Served served) {
      return served;
    }
    throw new PgsealException(
            ProblemType.SSL_NOT_TAKEN,
            "The primary %s does not serve TLS (%s), its standby would be cut off"
                .formatted(upstream.name(), TlsWords.describe(answer)))
        .with("server", upstream.name());
  }

  /** Why the name of this host cannot be verified; empty when it can. */
  private Optional<String> obstacle(
      PrimaryConninfo.Host host,
      boolean only,
      ManagedServer upstream,
      TlsAnswer.Served served,
      List<X509Certificate> anchors,
      boolean libpq14) {
    if (host.name().isEmpty()) {
      return Optional.of("libpq verifies a name only where primary_conninfo has a host");
    }
    Optional<TlsAnswer.Served> there = lookAt(host, upstream, served);
    if (there.isEmpty() && !only) {
      return Optional.of(
          "%s:%s serves no TLS, or is not to be seen from here, so its name is not verified"
              .formatted(host.address(), host.port()));
    }
    TlsAnswer.Served judged = there.orElse(served);
    if (!TrustAnchors.chainsTo(judged.chain(), anchors)) {
      return only
          ? name(host, served, upstream, libpq14)
          : Optional.of(
              "the certificate of %s:%s is of another authority: the standby could not follow it"
                  .formatted(host.address(), host.port()));
    }
    return name(host, judged, upstream, libpq14);
  }

  private static Optional<String> name(
      PrimaryConninfo.Host host, TlsAnswer.Served served, ManagedServer upstream, boolean libpq14) {
    return TrustAnchors.names(served.leaf(), host.name(), libpq14)
        ? Optional.empty()
        : Optional.of(
            "the primary's certificate does not name %s%s: add it to the endpoints of %s"
                .formatted(host.name(), libpq14 ? " as a DNS name" : "", upstream.name()));
  }

  /** A loopback of the standby's host is another than ours. */
  private Optional<TlsAnswer.Served> lookAt(
      PrimaryConninfo.Host host, ManagedServer upstream, TlsAnswer.Served served) {
    int port;
    try {
      port = Integer.parseInt(host.port());
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
    if (host.address().equals(upstream.host()) && port == upstream.port()) {
      return Optional.of(served);
    }
    boolean unseen =
        host.address().startsWith("/")
            || (host.address().matches(LOOPBACK) && !upstream.host().matches(LOOPBACK));
    return !unseen && wire.tls(host.address(), port) instanceof TlsAnswer.Served there
        ? Optional.of(there)
        : Optional.empty();
  }
}
