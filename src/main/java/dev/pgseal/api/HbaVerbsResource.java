package dev.pgseal.api;

import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.hba.HbaDecision;
import dev.pgseal.hba.HbaProof;
import dev.pgseal.hba.HbaText;
import dev.pgseal.hba.ProofOptions;
import dev.pgseal.hba.Transport;
import dev.pgseal.security.Role;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.AdmissionForecast;
import dev.pgseal.tls.HbaConversions;
import dev.pgseal.tls.RulesConversion;
import dev.pgseal.tls.RulesProof;
import dev.pgseal.tls.RulesReview;
import dev.pgseal.tls.SslState;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What can be asked of a server's rules as a whole. */
@Path("/v1/servers/{server}")
@Tag(name = "hba")
public class HbaVerbsResource {

  private final VisibleServers servers;
  private final HbaConversions conversions;
  private final RulesReview review;
  private final Caller caller;

  public HbaVerbsResource(
      VisibleServers servers, HbaConversions conversions, RulesReview review, Caller caller) {
    this.servers = servers;
    this.conversions = conversions;
    this.review = review;
    this.caller = caller;
  }

  /** Which way, how, and whether only to show it. */
  public record ConversionRequest(
      @NotNull RulesConversion.Direction direction,
      @Schema(description = "DROP when absent") ConversionOptions.@Nullable Gss gss,
      @Schema(description = "ENFORCE when absent") ConversionOptions.@Nullable Loopback loopback,
      @Schema(description = "REWRITE when absent") ConversionOptions.@Nullable Strategy strategy,
      @Schema(description = "COMMENT_OUT when absent")
          ConversionOptions.@Nullable Hostnossl hostnossl,
      @Nullable @Schema(description = "show the change, do nothing") Boolean validateOnly) {

    private ConversionOptions options() {
      return new ConversionChoice(gss, loopback, strategy, hostnossl).toOptions();
    }
  }

  /**
   * What a conversion does or did. Lines are numbered as in the file without pgseal's own first
   * line.
   *
   * @param applied whether it was done
   * @param options how; of no meaning for {@code RELAX}
   * @param diff unified; empty when there is nothing to change
   * @param conflicts for {@code RELAX}: lines that were edited by hand since the conversion; they
   *     keep that text
   * @param effect on the sessions that are there now
   * @param wouldBeRefused those of them that the new rules do not admit again as they came
   * @param proof of the rules as they are afterwards
   * @param stillAdmitting rules that still admit plaintext afterwards, outside the exceptions
   */
  @Schema(name = "Conversion")
  public record ConversionView(
      RulesConversion.Direction direction,
      boolean applied,
      ConversionOptions options,
      String diff,
      List<String> remarks,
      List<RulesConversion.Conflict> conflicts,
      AdmissionForecast.Effect effect,
      List<AdmissionForecast.Refusal> wouldBeRefused,
      RulesProof proof,
      List<SslState.PlaintextRule> stillAdmitting) {

    static ConversionView of(RulesConversion.Plan plan, boolean applied) {
      return new ConversionView(
          plan.direction(),
          applied,
          plan.options(),
          plan.diff(),
          plan.remarks(),
          plan.conflicts(),
          plan.effect(),
          plan.effect().refused(),
          plan.proof(),
          plan.proof().witnesses());
    }
  }

  /** A connection to be judged. */
  public record EvaluationRequest(
      @NotBlank String database,
      @NotBlank String username,
      @Nullable
          @Schema(
              description = "IPv4 or IPv6 literal; a Unix socket when absent",
              examples = "10.1.2.3")
          String clientAddress,
      @Nullable @Schema(description = "PLAINTEXT when absent and an address is given")
          Transport transport,
      @Nullable Boolean physicalReplication) {}

  /**
   * @param decision which rule decides
   * @param rule null when none does
   * @param explanation for people
   */
  @Schema(name = "Evaluation")
  public record EvaluationView(
      Outcome decision, boolean admitted, HbaView.@Nullable Rule rule, String explanation) {

    private static final int MOST_WORDS = 1_000;
    private static final int MOST_CHARACTERS = 10_000;

    /** Whether a rule decides. */
    @Schema(name = "EvaluationOutcome")
    public enum Outcome {
      DECIDED,
      NO_MATCH,
      UNDECIDABLE
    }

    /** Lists of millions of words and endless lines are cut. */
    EvaluationView shortened() {
      return new EvaluationView(
          decision,
          admitted,
          rule == null ? null : rule.shortened(MOST_WORDS, MOST_CHARACTERS),
          HbaText.shortened(explanation, MOST_CHARACTERS));
    }

    static EvaluationView of(HbaDecision decision, boolean withSecrets) {
      if (decision instanceof HbaDecision.Decided decided) {
        return new EvaluationView(
            Outcome.DECIDED,
            decided.admits(),
            HbaView.rule(decided.rule(), withSecrets),
            AdmissionForecast.explain(decision));
      }
      return new EvaluationView(
          decision instanceof HbaDecision.NoMatch ? Outcome.NO_MATCH : Outcome.UNDECIDABLE,
          false,
          null,
          AdmissionForecast.explain(decision));
    }
  }

  @POST
  @Path("hba:convert")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "convertHba",
      summary = "Make the rules TLS only, or turn that back",
      description =
          "By meaning: host becomes hostssl, reject stays, the way back restores exactly the lines"
              + " that were changed, and keeps those that were edited by hand since. Shows the"
              + " diff, the proof of the new rules, and who of the sessions connected now would be"
              + " refused; validateOnly does no more than that.")
  public ConversionView convert(
      @PathParam("server") String name, @Valid @NotNull ConversionRequest request) {
    ManagedServer server = servers.require(name);
    if (Boolean.TRUE.equals(request.validateOnly())) {
      return ConversionView.of(
          conversions.plan(server, request.direction(), request.options()), false);
    }
    return ConversionView.of(
        conversions.convert(server, request.direction(), request.options(), caller.name()), true);
  }

  @POST
  @Path("hba:lint")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "lintHba",
      summary = "What a careful administrator would ask about the rules",
      description =
          "Of the file as it lies there, with what the server knows: ssl, ssl_ca_file, and how it"
              + " was built. Changes nothing.")
  public HbaLintView lint(@PathParam("server") String name) {
    RulesReview.Facts facts = review.read(servers.require(name));
    return HbaLintView.of(facts.rules(), facts.lintOptions());
  }

  @POST
  @Path("hba:prove")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "proveHba",
      summary = "Whether the rules admit any plaintext connection",
      description =
          "Over the whole space of databases, users and addresses: ENFORCED, or the ways in that"
              + " are left open with a connection to try each with, and the rules that are never"
              + " reached. Of the file as it lies there; GET …/ssl says what was tried on the wire."
              + " Changes nothing.")
  public HbaProofView prove(
      @PathParam("server") String name,
      @QueryParam("exceptLoopback")
          @Parameter(
              description = "Allow plaintext from 127.0.0.0/8 and ::1",
              schema = @Schema(type = SchemaType.BOOLEAN, defaultValue = "false"))
          @Nullable String exceptLoopback) {
    boolean loopback = QueryValues.flag("exceptLoopback", exceptLoopback);
    RulesReview.Facts facts = review.read(servers.require(name));
    ProofOptions options =
        loopback ? ProofOptions.STRICT.withLoopbackExcepted() : ProofOptions.STRICT;
    return HbaProofView.of(
        facts.rules(), HbaProof.prove(facts.rules(), options).withoutSentinel(), options);
  }

  @POST
  @Path("hba:evaluate")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "evaluateHba",
      summary = "Which rule decides a connection",
      description =
          "By the file as it lies there, as PostgreSQL's check_hba would decide. Role memberships"
              + " are looked up on the server.")
  public EvaluationView evaluate(
      @PathParam("server") String name, @Valid @NotNull EvaluationRequest request) {
    HbaDecision decision =
        conversions.evaluate(
            servers.require(name),
            request.clientAddress(),
            request.transport(),
            request.database(),
            request.username(),
            Boolean.TRUE.equals(request.physicalReplication()));
    return EvaluationView.of(decision, caller.has(Role.OPERATOR));
  }
}
