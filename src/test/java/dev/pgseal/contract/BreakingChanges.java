package dev.pgseal.contract;

import io.swagger.v3.oas.models.Operation;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.openapitools.openapidiff.core.OpenApiCompare;
import org.openapitools.openapidiff.core.model.ChangedOpenApi;

/**
 * The operations that a client of the contract before cannot call as it did.
 *
 * @param byOperation operation ids, with what breaks them in words
 */
record BreakingChanges(Map<String, String> byOperation) {

  static BreakingChanges between(String before, String after) {
    ChangedOpenApi change = OpenApiCompare.fromContents(before, after);
    Map<String, String> broken = new TreeMap<>();
    change
        .getMissingEndpoints()
        .forEach(gone -> broken.put(gone.getOperation().getOperationId(), "it is gone"));
    change
        .getChangedOperations()
        .forEach(
            changed -> {
              if (changed.isIncompatible()) {
                Operation operation = changed.getOldOperation();
                broken.put(
                    operation.getOperationId(),
                    changed.getHttpMethod() + " " + changed.getPathUrl());
              }
            });
    return new BreakingChanges(broken);
  }

  /**
   * @param changelog the part on what is not released yet
   * @return those whose id does not stand there in backticks
   */
  Set<String> undeclared(String changelog) {
    Map<String, String> left = new TreeMap<>(byOperation);
    left.keySet().removeIf(id -> changelog.contains("`" + id + "`"));
    return left.keySet();
  }
}
