package dev.pgseal.tls;

import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.SettingsFileError;
import dev.pgseal.server.TlsMode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The four faces of a server's TLS, each observed by itself.
 *
 * @param requested what pgseal was last asked to make of it, null before the first request
 * @param configured files and settings: says what a restart would bring, not what is served
 * @param served what a handshake from a fresh socket got
 * @param enforced whether plaintext over TCP is refused
 * @param reasons why {@code mode} is {@code BROKEN} or {@code UNKNOWN}, or worth knowing otherwise
 */
public record SslState(
    String server,
    Mode mode,
    @Nullable TlsMode requested,
    Configured configured,
    Served served,
    Enforced enforced,
    List<String> reasons,
    Instant observedAt) {

  /** The faces in one word. */
  @Schema(name = "SslMode")
  public enum Mode {
    OFF,
    OFFERED,
    ENFORCED,
    /** Configured and served disagree. */
    BROKEN,
    UNKNOWN
  }

  /**
   * @param ssl the setting {@code ssl}; null when unknown
   * @param settings the settings around it with their sources
   * @param certificate leaf of the configured {@code ssl_cert_file}; null when unreadable
   * @param fileErrors errors in the configuration files, which may stop the next reload
   */
  @Schema(name = "ConfiguredSsl")
  public record Configured(
      @Nullable Boolean ssl,
      Map<String, ServerSetting> settings,
      @Nullable CertificateDescription certificate,
      List<SettingsFileError> fileErrors) {}

  /**
   * @param outcome {@code SERVED}, {@code NOT_OFFERED}, {@code HANDSHAKE_FAILED}, {@code NO_ANSWER}
   * @param chain leaf first, as sent
   * @param reason for the outcomes other than {@code SERVED}
   */
  @Schema(name = "ServedSsl")
  public record Served(
      Outcome outcome,
      @Nullable String protocol,
      @Nullable String cipher,
      List<CertificateDescription> chain,
      @Nullable String fingerprint,
      @Nullable String reason) {

    /** What the SSLRequest led to. */
    @Schema(name = "ServedOutcome")
    public enum Outcome {
      SERVED,
      NOT_OFFERED,
      HANDSHAKE_FAILED,
      NO_ANSWER
    }
  }

  /**
   * @param exceptions what plaintext is admitted though the verdict is {@code ENFORCED}, because
   *     the enforcement was asked to spare it
   * @param admittedBy the rules of the file that still admit plaintext TCP connections, those
   *     within the exceptions apart
   * @param exceptedRules the rules that admit plaintext within the exceptions
   * @param plaintextLogin an ordinary login as our own user, tried in plaintext from here
   * @param plaintextReplicationLogin the same as a physical replication connection
   */
  @Schema(name = "EnforcedSsl")
  public record Enforced(
      Verdict verdict,
      Set<Exemption> exceptions,
      List<PlaintextRule> admittedBy,
      List<PlaintextRule> exceptedRules,
      Probe plaintextLogin,
      Probe plaintextReplicationLogin) {

    public Enforced {
      // a posture that an earlier version stored has none of these
      exceptions = exceptions == null ? Set.of() : Set.copyOf(exceptions);
      exceptedRules = exceptedRules == null ? List.of() : List.copyOf(exceptedRules);
    }

    /** Whether plaintext is refused. */
    @Schema(name = "EnforcedVerdict")
    public enum Verdict {
      ENFORCED,
      NOT_ENFORCED,
      UNKNOWN
    }
  }

  /**
   * A rule that admits plaintext over TCP.
   *
   * @param witness a connection that it would admit, in words
   * @param physicalReplication as a physical replication connection, which {@code all} does not
   *     cover; else as an ordinary login
   */
  public record PlaintextRule(
      String file, int line, String rule, String witness, boolean physicalReplication) {

    boolean sameRule(PlaintextRule other) {
      return line == other.line
          && physicalReplication == other.physicalReplication
          && file.equals(other.file);
    }
  }

  /** What a login attempt met, as far as the first answer of the server. */
  @Schema(name = "LoginProbe")
  public record Probe(Outcome outcome, String detail) {

    /** Admitted means: as far as authentication. */
    @Schema(name = "LoginProbeOutcome")
    public enum Outcome {
      ADMITTED,
      /**
       * Admitted, but from an address that is excepted: how others are treated could not be tried
       * from here.
       */
      EXCEPTED,
      REFUSED,
      INCONCLUSIVE
    }

    public boolean admitted() {
      return outcome == Outcome.ADMITTED;
    }

    public boolean refused() {
      return outcome == Outcome.REFUSED;
    }

    /** Nothing that speaks against an enforcement. */
    public boolean refusedOrExcepted() {
      return refused() || outcome == Outcome.EXCEPTED;
    }

    /** The same login seen as one from loopback, when that is excepted. */
    public Probe excepting(boolean exceptedAddress) {
      return admitted() && exceptedAddress
          ? new Probe(
              Outcome.EXCEPTED,
              detail
                  + "; it comes from loopback, which is excepted: that others are refused is proved"
                  + " by the rules, it cannot be tried from here")
          : this;
    }
  }
}
