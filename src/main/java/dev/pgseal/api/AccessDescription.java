package dev.pgseal.api;

import dev.pgseal.problem.ProblemType;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import jakarta.annotation.security.RolesAllowed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationTarget;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.IndexView;

/**
 * Puts into the OpenAPI document which role an operation takes, as its {@code @RolesAllowed} says:
 * {@code x-roles}, any one of which will do, and the answer 403.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class AccessDescription implements OASFilter {

  static final String ROLES = "x-roles";

  private final Map<String, List<String>> rolesOf = new HashMap<>();

  /**
   * @param index of the classes of the service, given by Quarkus
   */
  public AccessDescription(IndexView index) {
    for (AnnotationInstance operation : index.getAnnotations(Operation.class)) {
      AnnotationValue id = operation.value("operationId");
      AnnotationTarget target = operation.target();
      if (id != null && target.kind() == AnnotationTarget.Kind.METHOD) {
        AnnotationInstance roles = target.asMethod().annotation(RolesAllowed.class);
        if (roles != null) {
          rolesOf.put(id.asString(), List.of(roles.value().asStringArray()));
        }
      }
    }
  }

  @Override
  public org.eclipse.microprofile.openapi.models.Operation filterOperation(
      org.eclipse.microprofile.openapi.models.Operation operation) {
    List<String> roles = rolesOf.get(operation.getOperationId());
    if (roles != null) {
      operation.addExtension(ROLES, roles);
      operation
          .getResponses()
          .addAPIResponse(
              Integer.toString(ProblemType.FORBIDDEN.status()),
              OASFactory.createAPIResponse()
                  .description("It takes the role " + String.join(" or ", roles)));
    }
    return operation;
  }
}
