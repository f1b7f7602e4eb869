package dev.pgseal.posture;

import dev.pgseal.postgres.SettingsFileError;
import dev.pgseal.tls.SslState;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What the four faces and the sessions say, and what could not be seen. */
final class ModeFindings {

  private ModeFindings() {}

  static List<PostureFinding> of(Observation seen) {
    List<PostureFinding> findings = new ArrayList<>();
    mode(seen.state(), findings);
    plaintext(seen.state().enforced(), findings);
    excepted(seen, findings);
    sessions(seen.inside().sessions(), findings);
    hidden(seen.inside(), findings);
    for (SettingsFileError error : seen.state().configured().fileErrors()) {
      findings.add(
          new PostureFinding(
              FindingCode.SETTINGS_ERROR,
              FindingCode.SETTINGS_ERROR.severity(),
              (error.name() == null ? "" : error.name() + ": ") + error.error(),
              error.file(),
              error.line(),
              "Correct the line; pg_file_settings shows what a reload would make of it"));
    }
    return findings;
  }

  private static void mode(SslState state, List<PostureFinding> findings) {
    String reasons = String.join("; ", state.reasons());
    boolean offered = state.served().outcome() != SslState.Served.Outcome.NOT_OFFERED;
    if (state.mode() == SslState.Mode.BROKEN) {
      findings.add(
          PostureFinding.of(
              FindingCode.TLS_BROKEN,
              reasons,
              "GET …/ssl shows the four faces; mend the one that differs and reload"));
    } else if (!offered) {
      findings.add(
          PostureFinding.of(
              FindingCode.TLS_OFF,
              "The server answers N to an SSLRequest: everything travels in plaintext",
              "POST /v1/rollouts with target ENFORCED"));
    }
    if (state.mode() == SslState.Mode.UNKNOWN) {
      findings.add(
          PostureFinding.of(
              FindingCode.MODE_UNKNOWN,
              reasons.isEmpty() ? "Not all that decides the mode could be seen" : reasons,
              "Give pgseal's role what it lacks: GET /v1/servers/{server}?inspect=true"));
    }
  }

  private static void plaintext(SslState.Enforced enforced, List<PostureFinding> findings) {
    String cure = "POST /v1/rollouts with target ENFORCED, or make the rule hostssl";
    for (SslState.PlaintextRule rule : enforced.admittedBy()) {
      findings.add(
          PostureFinding.at(
              FindingCode.PLAINTEXT_ADMITTED, rule.witness(), rule.file(), rule.line(), cure));
    }
    if (enforced.admittedBy().isEmpty()
        && enforced.verdict() == SslState.Enforced.Verdict.NOT_ENFORCED) {
      findings.add(
          PostureFinding.of(
              FindingCode.PLAINTEXT_ADMITTED,
              "A login in plaintext was not refused: it "
                  + (enforced.plaintextLogin().admitted()
                      ? enforced.plaintextLogin().detail()
                      : enforced.plaintextReplicationLogin().detail()),
              cure));
    }
  }

  private static void excepted(Observation seen, List<PostureFinding> findings) {
    SslState.Enforced enforced = seen.state().enforced();
    if (enforced.exceptions().isEmpty()) {
      return;
    }
    findings.add(
        PostureFinding.of(
            FindingCode.PLAINTEXT_EXCEPTED,
            "Plaintext from loopback is admitted, as was asked for: rules %s; sessions now: %d"
                .formatted(places(enforced), seen.inside().sessions().excepted()),
            "To end the exception, POST …/hba:convert with loopback ENFORCE"));
  }

  private static String places(SslState.Enforced enforced) {
    return enforced.exceptedRules().stream()
        .map(rule -> rule.file() + ":" + rule.line())
        .distinct()
        .limit(10)
        .collect(Collectors.joining(", "));
  }

  private static void sessions(PlaintextSessions sessions, List<PostureFinding> findings) {
    if (sessions.seen() > 0) {
      findings.add(
          PostureFinding.of(
              FindingCode.PLAINTEXT_SESSIONS,
              sessions.seen() + " sessions travel in plaintext",
              "GET …/connections?encryption=PLAINTEXT names them; after enforcing, end them with"
                  + " POST …/connections:terminate"));
    }
  }

  private static void hidden(Inside inside, List<PostureFinding> findings) {
    String grants = String.join(" ", inside.missingPrivileges());
    for (String hidden : inside.hidden()) {
      findings.add(
          PostureFinding.of(
              FindingCode.NOT_VISIBLE,
              hidden,
              grants.isEmpty() ? "Mend what keeps pgseal from looking" : grants));
    }
  }
}
