package dev.pgseal.rollout;

import dev.pgseal.certificate.KeyType;
import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.SessionExclusions;
import dev.pgseal.server.TlsMode;
import dev.pgseal.tls.ConfirmOrRevert;
import dev.pgseal.tls.SessionsToEnd;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout shall make of its servers.
 *
 * @param target the mode that every server shall be proved to have
 * @param servers names; a primary and its standbys are recognised by their system identifier
 * @param certificate where the certificate comes from; null means {@code AUTHORITY} when an
 *     authority is named, else {@code PRESENT}
 * @param authority the issuing authority's name
 * @param keyType of the new key, {@code ECDSA_P256} by default
 * @param validity of the certificate
 * @param minProtocolVersion for {@code ssl_min_protocol_version}, such as {@code TLSv1.3}; null
 *     leaves it
 * @param grace how long a transaction may go on before its plaintext session is ended; 30 s by
 *     default
 * @param requireApproval whether a second person must agree before anything is changed
 * @param confirmOrRevert whether a server takes rules back that nobody confirms; after a minute by
 *     default
 * @param observe how clients are observed before TLS is enforced; null for the defaults
 * @param exclude sessions that are never ended, though they are in plaintext; null for none
 * @param rules how the rules are made TLS only; null means {@link ConversionOptions#DEFAULT}
 * @param allowUnregisteredStandbys whether the plaintext streams of standbys that are not of the
 *     rollout may be ended
 * @param stepDeadline how long a step may work in one go; 10 minutes by default
 * @param maintenanceWindow when the changes may begin; null for at once
 * @param fleet how it goes over several clusters; null for the defaults
 */
public record RolloutRequest(
    TlsMode target,
    List<String> servers,
    @Nullable CertificateSource certificate,
    @Nullable String authority,
    @Nullable KeyType keyType,
    @Nullable Duration validity,
    @Nullable String minProtocolVersion,
    @Nullable Duration grace,
    @Nullable Boolean requireApproval,
    @Nullable ConfirmOrRevert confirmOrRevert,
    @Nullable Observation observe,
    @Nullable SessionExclusions exclude,
    @Nullable ConversionOptions rules,
    @Nullable Boolean allowUnregisteredStandbys,
    @Nullable Duration stepDeadline,
    @Nullable MaintenanceWindow maintenanceWindow,
    @Nullable FleetPolicy fleet) {

  private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);
  private static final Duration DEFAULT_STEP_DEADLINE = Duration.ofMinutes(10);

  public RolloutRequest {
    servers = List.copyOf(servers);
  }

  /** Where the server's certificate comes from. */
  @Schema(name = "RolloutCertificate")
  public enum CertificateSource {
    /** Issued by an authority of pgseal. */
    AUTHORITY,
    SELF_SIGNED,
    /** What lies in {@code ssl_cert_file} now. */
    PRESENT
  }

  public CertificateSource certificateSource() {
    if (certificate != null) {
      return certificate;
    }
    return authority == null ? CertificateSource.PRESENT : CertificateSource.AUTHORITY;
  }

  public boolean needsApproval() {
    return Boolean.TRUE.equals(requireApproval);
  }

  public boolean allowsUnregisteredStandbys() {
    return Boolean.TRUE.equals(allowUnregisteredStandbys);
  }

  /** The same, but not without an approval. */
  RolloutRequest withApproval() {
    return with(servers, true, maintenanceWindow, fleet);
  }

  /** The same for some of its servers. */
  RolloutRequest of(List<String> some) {
    return with(some, requireApproval, maintenanceWindow, fleet);
  }

  /**
   * What becomes of one cluster of it: the fleet's job has waited for the approval and the window.
   */
  RolloutRequest ofCluster(List<String> members) {
    return with(members, false, null, null);
  }

  private RolloutRequest with(
      List<String> names,
      @Nullable Boolean approval,
      @Nullable MaintenanceWindow window,
      @Nullable FleetPolicy policy) {
    return new RolloutRequest(
        target,
        names,
        certificate,
        authority,
        keyType,
        validity,
        minProtocolVersion,
        grace,
        approval,
        confirmOrRevert,
        observe,
        exclude,
        rules,
        allowUnregisteredStandbys,
        stepDeadline,
        window,
        policy);
  }

  FleetPolicy fleetPolicy() {
    return fleet == null ? FleetPolicy.DEFAULT : fleet;
  }

  public ConversionOptions conversionOptions() {
    return rules == null ? ConversionOptions.DEFAULT : rules;
  }

  ConfirmOrRevert confirmation() {
    return confirmOrRevert == null ? ConfirmOrRevert.DEFAULT : confirmOrRevert;
  }

  public Observation observation() {
    return observe == null ? Observation.DEFAULT : observe;
  }

  /** Those that the rules mean, but for the excluded ones. */
  public SessionsToEnd sessionsToEnd(Predicate<ServerConnection> refused) {
    return new SessionsToEnd(refused, exclude == null ? SessionExclusions.NONE : exclude);
  }

  public Duration deadlineOfAStep() {
    return stepDeadline == null ? DEFAULT_STEP_DEADLINE : stepDeadline;
  }

  public Duration drainGrace() {
    return grace == null ? DEFAULT_GRACE : grace;
  }
}
