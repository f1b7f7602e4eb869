package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Arrays;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/**
 * What the {@code type} of a problem leads to (RFC 9457 §3.1.1): pages for people, for everybody.
 * No part of the API, so not in its description.
 */
@Path("/problems")
public class ProblemTypesResource {

  static final String MARKDOWN = "text/markdown;charset=UTF-8";

  /** All types. */
  public record ProblemTypeList(List<ProblemTypeView> problems) {}

  @GET
  @Produces(MediaType.APPLICATION_JSON)
  @PermitAll
  @Operation(hidden = true)
  public ProblemTypeList list() {
    return new ProblemTypeList(ProblemTypeView.all());
  }

  @GET
  @Produces(MediaType.TEXT_HTML)
  @PermitAll
  @Operation(hidden = true)
  public String listAsHtml() {
    return ProblemPages.html();
  }

  @GET
  @Produces(MARKDOWN)
  @PermitAll
  @Operation(hidden = true)
  public String listAsMarkdown() {
    return ProblemPages.markdown();
  }

  @GET
  @Path("{problem}")
  @Produces(MediaType.APPLICATION_JSON)
  @PermitAll
  @Operation(hidden = true)
  public ProblemTypeView get(@PathParam("problem") String name) {
    return ProblemTypeView.of(type(name));
  }

  @GET
  @Path("{problem}")
  @Produces(MediaType.TEXT_HTML)
  @PermitAll
  @Operation(hidden = true)
  public String getAsHtml(@PathParam("problem") String name) {
    return ProblemPages.html(type(name));
  }

  @GET
  @Path("{problem}")
  @Produces(MARKDOWN)
  @PermitAll
  @Operation(hidden = true)
  public String getAsMarkdown(@PathParam("problem") String name) {
    return ProblemPages.markdown(type(name));
  }

  private static ProblemType type(String name) {
    return Arrays.stream(ProblemType.values())
        .filter(type -> type.slug().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new PgsealException(ProblemType.NOT_FOUND, "There is no problem of this name")
                    .hint("GET /problems has all of them"));
  }
}
