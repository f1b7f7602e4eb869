package dev.pgseal.rollout;

import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.postgres.SessionExclusions;
import dev.pgseal.server.TlsMode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request of which a test says only what it is about; the rest is left to the defaults. */
final class RolloutRequestBuilder {

  private final TlsMode target;
  private final List<String> servers;
  private RolloutRequest.@Nullable CertificateSource certificate;
  private @Nullable String authority;
  private @Nullable Duration validity;
  private @Nullable String minProtocolVersion;
  private @Nullable Duration grace;
  private @Nullable Observation observe;
  private @Nullable SessionExclusions exclude;
  private @Nullable ConversionOptions rules;
  private @Nullable Boolean allowUnregisteredStandbys;
  private @Nullable Duration stepDeadline;
  private @Nullable MaintenanceWindow window;
  private @Nullable FleetPolicy fleet;

  private RolloutRequestBuilder(TlsMode target, List<String> servers) {
    this.target = target;
    this.servers = servers;
  }

  static RolloutRequestBuilder rollout(TlsMode target, String... servers) {
    return new RolloutRequestBuilder(target, List.of(servers));
  }

  static RolloutRequestBuilder rollout(TlsMode target, List<String> servers) {
    return new RolloutRequestBuilder(target, servers);
  }

  RolloutRequestBuilder certificate(RolloutRequest.@Nullable CertificateSource source) {
    certificate = source;
    return this;
  }

  RolloutRequestBuilder authority(@Nullable String name) {
    authority = name;
    return this;
  }

  RolloutRequestBuilder validity(Duration time) {
    validity = time;
    return this;
  }

  RolloutRequestBuilder minProtocolVersion(String version) {
    minProtocolVersion = version;
    return this;
  }

  RolloutRequestBuilder grace(Duration time) {
    grace = time;
    return this;
  }

  RolloutRequestBuilder observe(@Nullable Observation how) {
    observe = how;
    return this;
  }

  RolloutRequestBuilder exclude(@Nullable SessionExclusions sessions) {
    exclude = sessions;
    return this;
  }

  RolloutRequestBuilder rules(ConversionOptions how) {
    rules = how;
    return this;
  }

  RolloutRequestBuilder allowUnregisteredStandbys(@Nullable Boolean allow) {
    allowUnregisteredStandbys = allow;
    return this;
  }

  RolloutRequestBuilder stepDeadline(@Nullable Duration time) {
    stepDeadline = time;
    return this;
  }

  RolloutRequestBuilder window(@Nullable MaintenanceWindow when) {
    window = when;
    return this;
  }

  RolloutRequestBuilder fleet(FleetPolicy policy) {
    fleet = policy;
    return this;
  }

  RolloutRequest build() {
    return new RolloutRequest(
        target,
        servers,
        certificate,
        authority,
        null, // keyType
        validity,
        minProtocolVersion,
        grace,
        null, // requireApproval: RolloutRequest.withApproval
        null, // confirmOrRevert
        observe,
        exclude,
        rules,
        allowUnregisteredStandbys,
        stepDeadline,
        window,
        fleet);
  }
}
