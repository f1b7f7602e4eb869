package dev.pgseal.posture;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.pgseal.postgres.TlsOfferAnswer;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The weakest that the server would agree to.
 *
 * @param minProtocolVersion the setting {@code ssl_min_protocol_version}; null when unknown
 * @param ciphers the setting {@code ssl_ciphers}, for TLS 1.2; null when unknown
 * @param oldProtocols what came of offering TLS 1.1 and older
 * @param weakCiphers what came of offering weak cipher suites in TLS 1.2
 */
@Schema(name = "ProtocolFloor")
@JsonIgnoreProperties(ignoreUnknown = true)
public record ProtocolFloor(
    @Nullable String minProtocolVersion,
    @Nullable String ciphers,
    Offer oldProtocols,
    Offer weakCiphers) {

  static final ProtocolFloor UNKNOWN = new ProtocolFloor(null, null, Offer.UNKNOWN, Offer.UNKNOWN);

  /**
   * @param accepted protocol and cipher suite that the server chose, for {@code ACCEPTED}
   */
  @Schema(name = "TlsOfferResult")
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Offer(Outcome outcome, @Nullable String accepted) {

    static final Offer UNKNOWN = new Offer(Outcome.UNKNOWN, null);

    static Offer of(TlsOfferAnswer answer) {
      if (answer instanceof TlsOfferAnswer.Accepted taken) {
        return new Offer(Outcome.ACCEPTED, taken.protocol() + " " + taken.cipher());
      }
      return answer instanceof TlsOfferAnswer.Refused ? new Offer(Outcome.REFUSED, null) : UNKNOWN;
    }
  }

  /** What the server did with an offer that it should refuse. */
  @Schema(name = "TlsOfferOutcome")
  public enum Outcome {
    ACCEPTED,
    REFUSED,
    UNKNOWN
  }
}
