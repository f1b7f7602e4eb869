package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Role;
import dev.pgseal.webhook.Delivery;
import dev.pgseal.webhook.Webhook;
import dev.pgseal.webhook.WebhookEvent;
import dev.pgseal.webhook.WebhookSecret;
import dev.pgseal.webhook.WebhookStore;
import dev.pgseal.webhook.WebhookUrls;
import dev.pgseal.webhook.Webhooks;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Who is told when a grade changes. */
@Path("/v1/webhooks")
@Tag(name = "Webhooks")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class WebhooksResource {

  private final WebhookStore store;
  private final WebhookUrls urls;
  private final Webhooks webhooks;
  private final Caller caller;
  private final Clock clock;

  WebhooksResource(
      WebhookStore store, WebhookUrls urls, Webhooks webhooks, Caller caller, Clock clock) {
    this.store = store;
    this.urls = urls;
    this.webhooks = webhooks;
    this.caller = caller;
    this.clock = clock;
  }

  @POST
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "createWebhook",
      summary = "Make a webhook",
      description =
          "Messages are signed as Standard Webhooks has it. The secret is in this answer only.")
  @APIResponse(
      responseCode = "201",
      description = "Made",
      content = @Content(schema = @Schema(implementation = WebhookView.class)))
  @APIResponse(responseCode = "409", description = "The name is taken")
  @APIResponse(responseCode = "422", description = "pgseal does not connect to that address")
  public Response create(@NotNull @Valid WebhookRequest request) {
    WebhookSecret secret = secret(request);
    Webhook webhook =
        new Webhook(
            UUID.randomUUID(),
            request.name(),
            urls.require(request.url()),
            Objects.requireNonNullElse(request.serverLabels(), Map.of()),
            events(request),
            caller.name(),
            clock.instant().truncatedTo(ChronoUnit.MICROS),
            null,
            null,
            null,
            null);
    store.insert(webhook, secret);
    return Response.created(URI.create("/v1/webhooks/" + webhook.name()))
        .header("Cache-Control", "no-store")
        .entity(WebhookView.of(webhook, secret.text()))
        .build();
  }

  private static WebhookSecret secret(WebhookRequest request) {
    try {
      return request.secret() == null
          ? WebhookSecret.generate()
          : WebhookSecret.parse(request.secret());
    } catch (IllegalArgumentException e) {
      throw new PgsealException(ProblemType.VALIDATION_FAILED, String.valueOf(e.getMessage()))
          .with("field", "secret");
    }
  }

  private static List<WebhookEvent> events(WebhookRequest request) {
    Set<WebhookEvent> events = request.events();
    return events == null || events.isEmpty()
        ? List.of(WebhookEvent.POSTURE_GRADE_CHANGED)
        : events.stream().sorted().toList();
  }

  @GET
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "listWebhooks",
      summary = "List the webhooks, without their secrets",
      description = "By name. disabledReason says why one gets nothing any more.")
  public WebhookView.Page list(@BeanParam PageQuery query) {
    List<Webhook> found = store.list(query.after(String::new), query.size() + 1);
    return query.page(
        found,
        Webhook::name,
        (page, next) -> new WebhookView.Page(page.stream().map(WebhookView::of).toList(), next));
  }

  @GET
  @Path("{webhook}")
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "getWebhook",
      summary = "Read a webhook, without its secret",
      description = "With when it last took a message, and since when it has not.")
  public WebhookView get(@PathParam("webhook") String name) {
    return WebhookView.of(require(name));
  }

  @DELETE
  @Path("{webhook}")
  // nothing but a problem has a body here, and that is what clients ask for
  @Produces({MediaType.APPLICATION_JSON, Problem.MEDIA_TYPE})
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "deleteWebhook",
      summary = "Delete a webhook and what waits for it",
      description = "Messages that were not delivered yet are dropped.")
  @APIResponse(responseCode = "204", description = "Deleted")
  public void delete(@PathParam("webhook") String name) {
    store.delete(require(name).id());
  }

  @GET
  @Path("{webhook}/deliveries")
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "listDeliveries",
      summary = "The messages of a webhook and what became of them, the newest first",
      description = "Each with its state, the number of attempts and the last answer.")
  public WebhookView.Deliveries deliveries(
      @PathParam("webhook") String name, @BeanParam PageQuery query) {
    List<Delivery> found =
        store.deliveries(require(name).id(), query.after(UUID::fromString), query.size() + 1);
    return query.page(found, delivery -> delivery.id().toString(), WebhookView.Deliveries::new);
  }

  @POST
  @Path("{webhook}:test")
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "testWebhook",
      summary = "Send a ping now",
      description =
          "Answers what came of it; a receiver that fails is no error here. A disabled webhook whose receiver takes the ping is enabled again, and what waited is sent.")
  public Delivery test(@PathParam("webhook") String name) {
    return webhooks.ping(require(name));
  }

  private Webhook require(String name) {
    return store
        .find(name)
        .orElseThrow(
            () ->
                new PgsealException(ProblemType.NOT_FOUND, "There is no webhook named " + name)
                    .hint("GET /v1/webhooks lists the webhooks"));
  }
}
