package dev.pgseal.lifecycle;

import dev.pgseal.job.JobStep;
import java.util.List;
import java.util.TreeMap;

/**
 * The steps of a rotation: trust is widened first, identities change, the old root goes last.
 * Whatever phase it is in, every handshake finds what it needs, forwards and backwards.
 */
final class RotationPlan {

  private RotationPlan() {}

  /** What the steps do. */
  enum Kind {
    CREATE_AUTHORITY,
    TRUST_BOTH_FOR_CLIENTS,
    TRUST_BOTH_IN_STREAM,
    TRUST_BOTH_IN_PGSEAL,
    CHECK_TRUST,
    CONFIRM_TRUST,
    PROMOTE_AUTHORITY,
    REISSUE_CERTIFICATE,
    CHECK_SERVED,
    CONFIRM_SERVED,
    CHECK_NOTHING_LEFT,
    TRUST_NEW_FOR_CLIENTS,
    TRUST_NEW_IN_STREAM,
    TRUST_NEW_IN_PGSEAL,
    RETIRE_AUTHORITY
  }

  static List<JobStep> of(RotationRequest request, boolean pause) {
    Steps steps = new Steps();
    steps.add(
        null,
        Kind.CREATE_AUTHORITY,
        "Make the new generation of %s; its bundle holds both from now on"
            .formatted(request.authority()));
    trust(
        steps,
        request,
        List.of(Kind.TRUST_BOTH_FOR_CLIENTS, Kind.TRUST_BOTH_IN_STREAM, Kind.TRUST_BOTH_IN_PGSEAL),
        "both generations");
    steps.add(null, Kind.CHECK_TRUST, "See both generations trusted everywhere");
    if (pause) {
      steps.add(
          null,
          Kind.CONFIRM_TRUST,
          "Wait for :continue, once every client has the new bundle (GET /v1/authorities/%s/bundle)"
              .formatted(request.authority()));
    }
    steps.add(null, Kind.PROMOTE_AUTHORITY, "Let the new generation sign from now on");
    request
        .serving()
        .forEach(
            server ->
                steps.add(
                    server,
                    Kind.REISSUE_CERTIFICATE,
                    "Issue the certificate of %s anew and see it served".formatted(server)));
    steps.add(null, Kind.CHECK_SERVED, "See that every server serves the new generation's");
    if (pause) {
      steps.add(
          null, Kind.CONFIRM_SERVED, "Wait for :continue before the old generation is withdrawn");
    }
    steps.add(
        null,
        Kind.CHECK_NOTHING_LEFT,
        "See that nothing is left that stands below the old generation");
    trust(
        steps,
        request,
        List.of(Kind.TRUST_NEW_FOR_CLIENTS, Kind.TRUST_NEW_IN_STREAM, Kind.TRUST_NEW_IN_PGSEAL),
        "the new generation alone");
    steps.add(null, Kind.RETIRE_AUTHORITY, "Forget the old generation and remove the old keys");
    return steps.list();
  }

  /**
   * @param kinds for clients, in the stream, in pgseal
   */
  private static void trust(
      Steps steps, RotationRequest request, List<Kind> kinds, String generations) {
    request
        .trusting()
        .forEach(
            server ->
                steps.add(
                    server,
                    kinds.get(0),
                    "Let %s take client certificates of %s".formatted(server, generations)));
    new TreeMap<>(request.streams())
        .forEach(
            (standby, primary) ->
                steps.add(
                    standby,
                    kinds.get(1),
                    "Let the stream from %s to %s trust %s"
                        .formatted(primary, standby, generations)));
    request
        .serving()
        .forEach(
            server ->
                steps.add(
                    server,
                    kinds.get(2),
                    "Let pgseal trust %s on %s".formatted(generations, server)));
  }
}
