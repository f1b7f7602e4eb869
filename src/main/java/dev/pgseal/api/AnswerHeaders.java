package dev.pgseal.api;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.RuntimeDelegate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The headers that an operation gave its answer, as text. */
final class AnswerHeaders {

  /** They are of one message, not of what it says. */
  private static final Set<String> OF_THE_MESSAGE =
      Set.of("content-length", "content-encoding", "transfer-encoding", "connection", "date");

  private AnswerHeaders() {}

  /**
   * @param type of the body, null when there is none
   */
  static Map<String, List<String>> of(
      MultivaluedMap<String, Object> headers, @Nullable MediaType type) {
    Map<String, List<String>> texts = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach(
        (name, values) -> {
          if (!OF_THE_MESSAGE.contains(name.toLowerCase(java.util.Locale.ROOT))) {
            texts.put(name, values.stream().map(AnswerHeaders::text).toList());
          }
        });
    if (type != null) {
      texts.put(HttpHeaders.CONTENT_TYPE, List.of(type.toString()));
    }
    return texts;
  }

  @SuppressWarnings("unchecked")
  private static String text(Object value) {
    RuntimeDelegate.HeaderDelegate<Object> delegate =
        RuntimeDelegate.getInstance().createHeaderDelegate((Class<Object>) value.getClass());
    return delegate == null ? value.toString() : delegate.toString(value);
  }
}
