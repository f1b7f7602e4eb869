package dev.pgseal.api;

import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.hba.HbaConversion;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaLimits;
import dev.pgseal.hba.HbaMatcher;
import dev.pgseal.hba.ProofOptions;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Role;
import dev.pgseal.tls.RulesConversion;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The engine for pg_hba.conf on texts in the request: no server is needed. */
@Path("/v1")
@Tag(name = "hba")
@Produces(MediaType.APPLICATION_JSON)
public class HbaTextsResource {

  private static final String MAJOR =
      "Of a body that is text/plain: whose PostgreSQL would read it. JSON has its own field";

  private final HbaTextGate gate;

  HbaTextsResource(HbaTextGate gate) {
    this.gate = gate;
  }

  @POST
  @Path("hba:parse")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "parseHbaText",
      summary = "What PostgreSQL makes of a pg_hba.conf",
      description =
          "Each record with PostgreSQL's verdict and its own words for an error, and whether a"
              + " reload would refuse the whole. A text alone may be sent as text/plain with"
              + " ?postgresMajor=, as curl --data-binary @pg_hba.conf does.")
  @RequestBody(
      required = true,
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = HbaTextRequests.Texts.class)),
        @Content(mediaType = MediaType.TEXT_PLAIN, schema = @Schema(implementation = String.class))
      })
  public HbaParseView parse(
      @QueryParam("verdict")
          @Parameter(
              description = "Tell only records of this verdict; all are counted",
              schema = @Schema(implementation = HbaParseView.Verdict.class))
          @Nullable String verdict,
      @QueryParam("postgresMajor")
          @Parameter(
              description = MAJOR,
              schema = @Schema(type = SchemaType.INTEGER, minimum = "14", maximum = "18"))
          @Nullable String postgresMajor,
      @Valid @NotNull HbaTextRequests.Texts texts) {
    PlainHba.major(postgresMajor);
    return parsed(verdict, texts);
  }

  @POST
  @Path("hba:parse")
  @Consumes(MediaType.TEXT_PLAIN)
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(hidden = true)
  public HbaParseView parsePlain(
      @QueryParam("verdict") @Nullable String verdict,
      @QueryParam("postgresMajor") @Nullable String postgresMajor,
      byte @Nullable [] content) {
    return parsed(verdict, PlainHba.texts(postgresMajor, content));
  }

  private HbaParseView parsed(@Nullable String verdict, HbaTexts texts) {
    HbaParseView.Verdict wanted = QueryValues.oneOf(HbaParseView.Verdict.class, "verdict", verdict);
    return gate.judge(texts, () -> HbaParseView.of(texts.parse(), wanted));
  }

  @POST
  @Path("hba:lint")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "lintHbaText",
      summary = "What a careful administrator would ask about a pg_hba.conf",
      description =
          "Findings with their line, why they matter and what to do. A text alone may be sent as"
              + " text/plain with ?postgresMajor=; jq -e '.errors + .warnings == 0' on the answer"
              + " makes a check of it.")
  @RequestBody(
      required = true,
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = HbaTextRequests.Texts.class)),
        @Content(mediaType = MediaType.TEXT_PLAIN, schema = @Schema(implementation = String.class))
      })
  public HbaLintView lint(
      @QueryParam("postgresMajor")
          @Parameter(
              description = MAJOR,
              schema = @Schema(type = SchemaType.INTEGER, minimum = "14", maximum = "18"))
          @Nullable String postgresMajor,
      @Valid @NotNull HbaTextRequests.Texts texts) {
    PlainHba.major(postgresMajor);
    return linted(texts);
  }

  @POST
  @Path("hba:lint")
  @Consumes(MediaType.TEXT_PLAIN)
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(hidden = true)
  public HbaLintView lintPlain(
      @QueryParam("postgresMajor") @Nullable String postgresMajor, byte @Nullable [] content) {
    return linted(PlainHba.texts(postgresMajor, content));
  }

  private HbaLintView linted(HbaTexts texts) {
    return gate.judge(texts, () -> HbaLintView.of(texts.parse(), texts.lintOptions()));
  }

  @POST
  @Path("hba:prove")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "proveHbaText",
      summary = "Whether a pg_hba.conf admits any plaintext connection",
      description =
          "Over the whole space of databases, users and addresses, not by samples: ENFORCED, or the"
              + " ways in that are left open with a connection to try each with, and the rules that"
              + " are never reached. A text alone may be sent as text/plain with ?postgresMajor=.")
  @RequestBody(
      required = true,
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = HbaTextRequests.Texts.class)),
        @Content(mediaType = MediaType.TEXT_PLAIN, schema = @Schema(implementation = String.class))
      })
  public HbaProofView prove(
      @QueryParam("exceptLoopback")
          @Parameter(
              description = "Allow plaintext from 127.0.0.0/8 and ::1",
              schema = @Schema(type = SchemaType.BOOLEAN, defaultValue = "false"))
          @Nullable String exceptLoopback,
      @QueryParam("postgresMajor")
          @Parameter(
              description = MAJOR,
              schema = @Schema(type = SchemaType.INTEGER, minimum = "14", maximum = "18"))
          @Nullable String postgresMajor,
      @Valid @NotNull HbaTextRequests.Texts texts) {
    PlainHba.major(postgresMajor);
    return proved(exceptLoopback, texts);
  }

  @POST
  @Path("hba:prove")
  @Consumes(MediaType.TEXT_PLAIN)
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(hidden = true)
  public HbaProofView provePlain(
      @QueryParam("exceptLoopback") @Nullable String exceptLoopback,
      @QueryParam("postgresMajor") @Nullable String postgresMajor,
      byte @Nullable [] content) {
    return proved(exceptLoopback, PlainHba.texts(postgresMajor, content));
  }

  private HbaProofView proved(@Nullable String exceptLoopback, HbaTexts texts) {
    ProofOptions options = texts.proofOptions(QueryValues.flag("exceptLoopback", exceptLoopback));
    return gate.judge(texts, () -> HbaProofView.of(texts.parse(), options));
  }

  @POST
  @Path("hba:evaluate")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "evaluateHbaText",
      summary = "Which rule of a pg_hba.conf decides a connection",
      description =
          "As PostgreSQL's check_hba would decide. UNDECIDABLE says what it hangs on: DNS, role"
              + " memberships, the server's addresses, or a regular expression that only PostgreSQL"
              + " can evaluate.")
  public HbaVerbsResource.EvaluationView evaluate(
      @Valid @NotNull HbaTextRequests.Evaluation request) {
    var attempt = request.connection().attempt(request);
    return gate.judge(
        request,
        () ->
            HbaVerbsResource.EvaluationView.of(HbaMatcher.decide(request.parse(), attempt), false)
                .shortened());
  }

  @POST
  @Path("hba:convert")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "convertHbaText",
      summary = "Show a pg_hba.conf made TLS only, or open again",
      description =
          "By meaning, in every file of the tree: the diff, what it leaves, and the proof of the"
              + " result. Nothing is changed anywhere.")
  public HbaTextConversionView convert(@Valid @NotNull HbaTextRequests.Conversion request) {
    ConversionOptions how = request.options();
    ProofOptions proof = request.proofOptions(how.loopback() == ConversionOptions.Loopback.KEEP);
    return gate.judge(
        request,
        () -> {
          HbaDocument before = editable(request);
          return HbaTextConversionView.of(
              request.direction(), before, converted(before, request.direction(), how), proof);
        });
  }

  /** A text alone has no files to reach into. */
  private static HbaDocument editable(HbaTexts texts) {
    HbaDocument document = texts.parse();
    if (document.entries().size() > HbaLimits.CONVERTED_RECORDS) {
      throw HbaLimits.exceeded(
          "The number of records to convert", HbaLimits.CONVERTED_RECORDS, document.mainFile());
    }
    return document.hasIncludes() && document.unread().isEmpty()
        ? document.withEditableTree()
        : document;
  }

  private static HbaConversion.Result converted(
      HbaDocument before, RulesConversion.Direction direction, ConversionOptions options) {
    if (direction == RulesConversion.Direction.ENFORCE) {
      return HbaConversion.enforce(before, options);
    }
    HbaConversion.Relaxed relaxed = HbaConversion.relax(before, List.of());
    return new HbaConversion.Result(relaxed.document(), relaxed.edits(), relaxed.notes());
  }

  /** A text that is the whole body. */
  private static final class PlainHba {

    private PlainHba() {}

    static HbaTexts texts(@Nullable String postgresMajor, byte @Nullable [] content) {
      Integer major = major(postgresMajor);
      if (major == null) {
        throw invalid();
      }
      return HbaTextRequests.Texts.of(major, content == null ? new byte[0] : content);
    }

    static @Nullable Integer major(@Nullable String postgresMajor) {
      if (postgresMajor == null) {
        return null;
      }
      if (!postgresMajor.matches("1[4-8]")) {
        throw invalid();
      }
      return Integer.valueOf(postgresMajor);
    }

    private static PgsealException invalid() {
      return new PgsealException(
              ProblemType.BAD_REQUEST, "postgresMajor must be a whole number from 14 to 18")
          .with("parameter", "postgresMajor")
          .hint("Such as ?postgresMajor=16");
    }
  }
}
