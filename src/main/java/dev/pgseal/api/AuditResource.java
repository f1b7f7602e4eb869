package dev.pgseal.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.audit.AuditEntry;
import dev.pgseal.audit.AuditLog;
import dev.pgseal.audit.AuditQuery;
import dev.pgseal.audit.ChainCheck;
import dev.pgseal.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Who did what. */
@Path("/v1")
@Tag(name = "Audit")
public class AuditResource {

  /** <a href="https://jsonlines.org">JSON Lines</a>. */
  static final String JSON_LINES = "application/jsonl";

  private static final int AT_ONCE = 500;

  private final AuditLog log;
  private final ObjectMapper json;

  AuditResource(AuditLog log, ObjectMapper json) {
    this.log = log;
    this.json = json;
  }

  /** A page of entries. */
  @Schema(name = "AuditPage")
  public record AuditPage(List<AuditEntry> entries, @Nullable String nextPageToken) {}

  @GET
  @Path("audit")
  @Produces(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "listAudit",
      summary = "Who did what, newest first",
      description =
          "Calls that can change something, before they begin and when they have ended; and every change of what pgseal keeps, with what it was before and after. Secrets are (sealed).")
  public AuditPage list(@BeanParam AuditFilter filter, @BeanParam PageQuery query) {
    List<AuditEntry> entries =
        log.newest(filter.query(), query.after(Long::valueOf), query.size() + 1);
    return query.page(entries, entry -> Long.toString(entry.number()), AuditPage::new);
  }

  @GET
  @Path("audit:export")
  @Produces(JSON_LINES)
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "exportAudit",
      summary = "Who did what as JSON lines, oldest first",
      description =
          "All entries that fit, one JSON object in a line, for a SIEM: go on later with since.")
  @APIResponse(
      responseCode = "200",
      description = "The entries",
      content = @Content(mediaType = JSON_LINES, schema = @Schema(implementation = String.class)))
  public StreamingOutput export(@BeanParam AuditFilter filter) {
    AuditQuery query = filter.query();
    return out -> write(query, out);
  }

  private void write(AuditQuery query, OutputStream out) throws IOException {
    JsonGenerator lines = json.getFactory().createGenerator(out);
    lines.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    lines.setRootValueSeparator(null);
    long after = 0;
    List<AuditEntry> some;
    do {
      some = log.oldest(query, after, AT_ONCE);
      for (AuditEntry entry : some) {
        json.writeValue(lines, entry);
        lines.writeRaw('\n');
        after = entry.number();
      }
    } while (some.size() == AT_ONCE);
    lines.flush();
  }

  @GET
  @Path("audit:check")
  @Produces(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "checkAudit",
      summary = "Whether the audit log is whole",
      description =
          "Reads it from the first entry on: each follows from the one before it, none is missing, every seal fits. Keep entries and hash elsewhere, and a later check shows whether that history is still the same.")
  public ChainCheck check() {
    return log.check();
  }
}
