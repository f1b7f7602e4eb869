package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.inject.Inject;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of a list. A page token holds the key of the last item of the page before
 * it, see {@link PageTokens}.
 */
public class PageQuery {

  static final int DEFAULT_SIZE = 50;
  static final int MAX_SIZE = 500;

  @Inject PageTokens tokens;
  @Context UriInfo uri;

  @QueryParam("pageSize")
  @Parameter(
      description = "Items in the answer at most",
      schema =
          @Schema(type = SchemaType.INTEGER, minimum = "1", maximum = "500", defaultValue = "50"))
  @Nullable String pageSize;

  @QueryParam("pageToken")
  @Parameter(description = "The nextPageToken of the page before")
  @Nullable String pageToken;

  /**
   * @throws PgsealException {@code BAD_REQUEST} unless 1 to 500
   */
  public int size() {
    if (pageSize == null) {
      return DEFAULT_SIZE;
    }
    try {
      int size = Integer.parseInt(pageSize);
      if (size >= 1 && size <= MAX_SIZE) {
        return size;
      }
    } catch (NumberFormatException e) {
      // the same answer
    }
    throw new PgsealException(
            ProblemType.BAD_REQUEST, "pageSize must be a whole number from 1 to " + MAX_SIZE)
        .with("parameter", "pageSize");
  }

  /**
   * The key after which the page begins, null for the first page.
   *
   * @param parse turns the text back into a key; what it throws means a token that is not ours
   */
  public <K> @Nullable K after(Function<String, K> parse) {
    if (pageToken == null) {
      return null;
    }
    try {
      return parse.apply(tokens.open(PageTokens.list(uri), pageToken));
    } catch (IllegalArgumentException e) {
      throw new PgsealException(
              ProblemType.BAD_REQUEST,
              "The pageToken is not one that this list gave out, with these filters")
          .hint("Begin again without pageToken; leave the filters as they are from page to page")
          .with("parameter", "pageToken");
    }
  }

  /**
   * A page out of a list that was read with {@link #size} {@code + 1} as its limit.
   *
   * @param key of an item, what {@link #after} is to give back
   */
  public <T, P> P page(
      List<T> oneMore, Function<T, String> key, BiFunction<List<T>, String, P> page) {
    if (oneMore.size() <= size()) {
      return page.apply(oneMore, null);
    }
    List<T> items = oneMore.subList(0, size());
    String last = key.apply(items.get(items.size() - 1));
    return page.apply(items, tokens.seal(PageTokens.list(uri), last));
  }
}
