package dev.pgseal.posture;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which servers; all of it must fit.
 *
 * @param labels that a server must have
 * @param grade null for any
 * @param finding null for any
 */
public record PostureQuery(
    Map<String, String> labels, @Nullable Grade grade, @Nullable FindingCode finding) {

  public PostureQuery {
    labels = Map.copyOf(labels);
  }
}
