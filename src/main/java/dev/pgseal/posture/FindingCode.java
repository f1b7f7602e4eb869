package dev.pgseal.posture;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a finding is about; stable, for filters and alerts. Its severity belongs to it. */
@Schema(name = "PostureFindingCode")
public enum FindingCode {
  /** Nothing answers at the server's address, or not in time. */
  UNREACHABLE(Severity.HIGH),
  /** The server was registered since the last scan of the fleet. */
  NOT_SCANNED(Severity.HIGH),
  /** The scan broke off, or took too long. */
  SCAN_FAILED(Severity.HIGH),
  /** Our role may not see something. */
  NOT_VISIBLE(Severity.MEDIUM),
  /** The mode cannot be said. */
  MODE_UNKNOWN(Severity.HIGH),
  TLS_OFF(Severity.CRITICAL),
  /** Configured and served disagree. */
  TLS_BROKEN(Severity.CRITICAL),
  PLAINTEXT_ADMITTED(Severity.HIGH),
  PLAINTEXT_SESSIONS(Severity.HIGH),
  /** Plaintext is shut out but from where the enforcement was asked to spare it. */
  PLAINTEXT_EXCEPTED(Severity.LOW),
  CERTIFICATE_EXPIRED(Severity.CRITICAL),
  CERTIFICATE_NOT_YET_VALID(Severity.HIGH),
  CERTIFICATE_EXPIRES_SOON(Severity.MEDIUM),
  /** It does not name all endpoints. */
  CERTIFICATE_NAMES(Severity.MEDIUM),
  CERTIFICATE_WEAK_KEY(Severity.HIGH),
  /** Its key lies on another server as well, copied by a base backup, say. */
  KEY_SHARED(Severity.HIGH),
  CERTIFICATE_WEAK_SIGNATURE(Severity.HIGH),
  /** TLS 1.1 or older is accepted. */
  OLD_PROTOCOL(Severity.MEDIUM),
  WEAK_CIPHER(Severity.HIGH),
  TRUST_OVER_NETWORK(Severity.CRITICAL),
  PASSWORD_IN_CLEAR(Severity.HIGH),
  IDENT_OVER_NETWORK(Severity.HIGH),
  MD5_PASSWORD(Severity.LOW),
  /** PostgreSQL would not load the file at the next reload, nor start with it. */
  RULES_REFUSED(Severity.HIGH),
  /** Another rule that deserves a look. */
  RULE_WARNING(Severity.LOW),
  RULE_NOTE(Severity.INFO),
  /** An error in the configuration files. */
  SETTINGS_ERROR(Severity.MEDIUM),
  /** Less than what was last asked for. */
  DRIFT_MODE(Severity.HIGH),
  /** pg_hba.conf is not what pgseal wrote last. */
  DRIFT_RULES(Severity.MEDIUM),
  /** Another certificate is served than the one that pgseal installed last. */
  DRIFT_CERTIFICATE(Severity.MEDIUM),
  /** Settings of TLS and login were changed, but not by pgseal. */
  DRIFT_SETTINGS(Severity.MEDIUM);

  private final Severity severity;

  FindingCode(Severity severity) {
    this.severity = severity;
  }

  public Severity severity() {
    return severity;
  }

  /** Whether it says that somebody else changed what was proved. */
  public boolean drift() {
    return name().startsWith("DRIFT_");
  }
}
