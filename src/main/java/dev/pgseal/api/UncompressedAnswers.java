package dev.pgseal.api;

import jakarta.annotation.Priority;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import org.jspecify.annotations.Nullable;

/**
 * Leaves two kinds of answers uncompressed: those that an operation itself marks {@code no-store},
 * for they hold a secret whose length and likeness to other text compression would tell (BREACH),
 * and those with a strong entity tag, which another coding would make untrue (RFC 9110 §8.8.3.3).
 */
@Provider
@Priority(UncompressedAnswers.LAST)
public class UncompressedAnswers implements ContainerResponseFilter {

  /** Response filters of lower priority come later. */
  static final int LAST = 100;

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    String caching = response.getHeaderString(HttpHeaders.CACHE_CONTROL);
    String tag = response.getHeaderString(HttpHeaders.ETAG);
    if (contains(caching, "no-store") || tag != null && !tag.startsWith("W/")) {
      response.getHeaders().putSingle(HttpHeaders.CONTENT_ENCODING, "identity");
    }
  }

  private static boolean contains(@Nullable String header, String word) {
    return header != null && header.contains(word);
  }
}
