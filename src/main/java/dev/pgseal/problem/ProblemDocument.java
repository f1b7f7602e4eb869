package dev.pgseal.problem;

import java.util.LinkedHashMap;
import java.util.Map;

/** A problem as the JSON object of RFC 9457, for answers that are written by hand. */
public final class ProblemDocument {

  public static final String MEDIA_TYPE = "application/problem+json";

  private ProblemDocument() {}

  /**
   * @param instance the path of the request, the {@code instance} member
   */
  public static Map<String, Object> of(PgsealException problem, String instance) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("type", problem.type().uri());
    document.put("title", problem.type().title());
    document.put("status", problem.type().status());
    document.put("detail", problem.detail());
    document.put("instance", instance);
    document.putAll(problem.members());
    return document;
  }
}
