package dev.pgseal.posture;

import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.server.TlsMode;
import dev.pgseal.tls.SslState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What differs from what was asked for and proved last. */
final class DriftFindings {

  private DriftFindings() {}

  static List<PostureFinding> of(Observation seen) {
    List<PostureFinding> findings = new ArrayList<>();
    mode(seen, findings);
    certificate(seen, findings);
    rules(seen, findings);
    settings(seen, findings);
    return findings;
  }

  /** Only less than what was asked for: more harms nobody. */
  private static void mode(Observation seen, List<PostureFinding> findings) {
    TlsMode wanted = seen.server().desiredMode();
    if (wanted == null || wanted == TlsMode.DISABLED) {
      return;
    }
    boolean less =
        switch (seen.state().mode()) {
          case OFF, BROKEN -> true;
          case OFFERED -> wanted == TlsMode.ENFORCED;
          case ENFORCED -> false;
          case UNKNOWN ->
              seen.state().served().outcome() == SslState.Served.Outcome.NOT_OFFERED
                  || (wanted == TlsMode.ENFORCED
                      && seen.state().enforced().verdict()
                          == SslState.Enforced.Verdict.NOT_ENFORCED);
        };
    if (less) {
      findings.add(
          PostureFinding.of(
              FindingCode.DRIFT_MODE,
              wanted + " was asked for, seen is " + seen.state().mode(),
              "See who changed it; POST /v1/rollouts with target " + wanted + " brings it back"));
    }
  }

  private static void certificate(Observation seen, List<PostureFinding> findings) {
    String installed = seen.proved().certificate();
    if (installed == null || seen.leaf() == null) {
      return;
    }
    String served = CertificateDescription.fingerprint(seen.leaf());
    if (!served.equals(installed)) {
      findings.add(
          PostureFinding.of(
              FindingCode.DRIFT_CERTIFICATE,
              "Served is %s, installed by pgseal was %s".formatted(served, installed),
              "See who changed it; POST /v1/servers/{server}/certificates brings one of ours"));
    }
  }

  private static void rules(Observation seen, List<PostureFinding> findings) {
    String written = seen.proved().hbaSha256();
    String present = seen.inside().hbaSha256();
    if (written != null && present != null && !written.equals(present)) {
      findings.add(
          PostureFinding.of(
              FindingCode.DRIFT_RULES,
              "pg_hba.conf is not the one that pgseal wrote last: SHA-256 %s, written was %s"
                  .formatted(present, written),
              "GET …/hba shows it; PUT …/hba makes it, or another, the one that is meant"));
    }
  }

  private static void settings(Observation seen, List<PostureFinding> findings) {
    Map<String, String> present = seen.inside().settings();
    // not every major has every setting
    new TreeMap<>(seen.proved().settings())
        .forEach(
            (name, before) -> {
              String now = present.get(name);
              if (now != null && !now.equals(before)) {
                findings.add(
                    PostureFinding.of(
                        FindingCode.DRIFT_SETTINGS,
                        "%s is \"%s\", it was \"%s\"".formatted(name, now, before),
                        "Put it back, or change it through pgseal"));
              }
            });
  }
}
