package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.security.Secrets;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.UriInfo;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Page tokens: the key of an item, sealed under the service's key set together with the list and
 * its filters, so that a token shows nothing, is good on every replica, and on no other list.
 */
@ApplicationScoped
class PageTokens {

  private static final Set<String> NO_FILTERS = Set.of("pageToken", "pageSize");

  private final Secrets secrets;

  PageTokens(Secrets secrets) {
    this.secrets = secrets;
  }

  /**
   * @param list see {@link #list}
   */
  String seal(String list, String key) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(secrets.seal(key.getBytes(StandardCharsets.UTF_8), list));
  }

  /**
   * @throws IllegalArgumentException for a token that was not made here, or for another list
   */
  String open(String list, String token) {
    byte[] sealed = Base64.getUrlDecoder().decode(token);
    try {
      return new String(secrets.open(sealed, list), StandardCharsets.UTF_8);
    } catch (PgsealException e) {
      throw new IllegalArgumentException("Not a token of " + list, e);
    }
  }

  /** Path and filters of a list; the order in which these are given means nothing. */
  static String list(UriInfo uri) {
    return uri.getQueryParameters().entrySet().stream()
        .filter(parameter -> !NO_FILTERS.contains(parameter.getKey()))
        .collect(
            Collectors.toMap(
                parameter -> encode(parameter.getKey()),
                parameter ->
                    parameter.getValue().stream()
                        .map(PageTokens::encode)
                        .sorted()
                        .collect(Collectors.joining(",")),
                (a, b) -> a,
                TreeMap::new))
        .entrySet()
        .stream()
        .map(Object::toString)
        .collect(Collectors.joining("&", "page/" + uri.getPath() + "?", ""));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
