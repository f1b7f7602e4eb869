package dev.pgseal.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Validator;
import java.util.Set;

/** JSON merge patch (RFC 7396), with the merged whole checked like a request body. */
@ApplicationScoped
class MergePatch {

  static final String MEDIA_TYPE = "application/merge-patch+json";

  private final ObjectMapper json;
  private final Validator validator;

  MergePatch(ObjectMapper json, Validator validator) {
    this.json = json;
    this.validator = validator;
  }

  /**
   * @param now what the patch is applied to
   * @throws ConstraintViolationException when the result breaks a rule of its type
   * @throws dev.pgseal.problem.PgsealException {@code BAD_REQUEST} for an unknown field or a value
   *     of a wrong type
   */
  <T> T apply(ObjectNode patch, T now, Class<T> type) {
    T merged;
    try {
      merged = json.treeToValue(merge(json.valueToTree(now), patch), type);
    } catch (JsonProcessingException e) {
      throw JsonProblems.of(e);
    }
    Set<ConstraintViolation<T>> violations = validator.validate(merged);
    if (!violations.isEmpty()) {
      throw new ConstraintViolationException(violations);
    }
    return merged;
  }

  /** The function MergePatch of RFC 7396 §2. */
  JsonNode merge(JsonNode target, JsonNode patch) {
    if (!patch.isObject()) {
      return patch;
    }
    ObjectNode merged = target.isObject() ? (ObjectNode) target : json.createObjectNode();
    patch
        .properties()
        .forEach(
            field -> {
              if (field.getValue().isNull()) {
                merged.remove(field.getKey());
              } else {
                merged.set(field.getKey(), merge(merged.path(field.getKey()), field.getValue()));
              }
            });
    return merged;
  }
}
