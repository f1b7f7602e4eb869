package dev.pgseal.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.annotation.Priority;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import jakarta.ws.rs.ext.Provider;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Gives each single resource that has no version of its own a weak entity tag, made of what the
 * answer says, and answers 304 to whoever has it already (RFC 9110 §13.1.2).
 *
 * <p>Weak, as the time of an observation does not count, and the same state may be written
 * otherwise by another release. Most of these resources are observations: there is no cheaper way
 * to know that nothing has changed than to look. Lists have none, for their page tokens are never
 * the same twice.
 */
@Provider
@Priority(ContentTags.AFTER_THE_FINAL_ENTITY)
public class ContentTags implements ContainerResponseFilter {

  /** Response filters of higher priority come first. */
  static final int AFTER_THE_FINAL_ENTITY = 1_000;

  private static final String API = "/v1/";
  private static final String OBSERVED_AT = "observedAt";
  private static final int TAG_BYTES = 16;

  private final ObjectMapper json;

  @Context @Nullable ResourceInfo operation;

  ContentTags(ObjectMapper json) {
    this.json = json;
  }

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    if (!taggable(request, response)) {
      return;
    }
    String tag = "W/" + EntityTags.quote(digest(state(response.getEntity())));
    response.getHeaders().putSingle(HttpHeaders.ETAG, tag);
    if (EntityTags.matchesWeakly(request.getHeaders().get(HttpHeaders.IF_NONE_MATCH), tag)) {
      response.setStatus(Response.Status.NOT_MODIFIED.getStatusCode());
      response.setEntity(null);
    }
  }

  private boolean taggable(ContainerRequestContext request, ContainerResponseContext response) {
    return request.getMethod().equals(HttpMethod.GET)
        && request.getUriInfo().getRequestUri().getPath().startsWith(API)
        && response.getStatus() == Response.Status.OK.getStatusCode()
        && response.hasEntity()
        && !(response.getEntity() instanceof byte[])
        && !(response.getEntity() instanceof StreamingOutput)
        && !response.getHeaders().containsKey(HttpHeaders.ETAG)
        && !inPages();
  }

  private boolean inPages() {
    return operation == null
        || operation.getResourceMethod() == null
        || Arrays.asList(operation.getResourceMethod().getParameterTypes())
            .contains(PageQuery.class);
  }

  /** When it was looked at is no part of what was seen. */
  private String state(Object entity) {
    if (entity instanceof String text) {
      return text;
    }
    JsonNode tree = json.valueToTree(entity);
    tree.findParents(OBSERVED_AT).forEach(seen -> ((ObjectNode) seen).remove(OBSERVED_AT));
    return tree.toString();
  }

  private static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, TAG_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
