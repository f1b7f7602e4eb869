package dev.pgseal.api;

import dev.pgseal.problem.ProblemType;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/**
 * Adds to the OpenAPI document what is the same for every operation: the problems it can answer
 * with, Idempotency-Key and Prefer. What is its own stands at the resource.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class ProblemResponses implements OASFilter {

  private static final String API = "/v1/";
  private static final String NOT_MODIFIED = "304";

  /** The last two bring trust and revocation lists to all servers that they concern. */
  private static final Pattern TO_MANAGED_SERVERS =
      Pattern.compile("/v1/servers/\\{server}[/:].*|/v1/rollouts.*|.*}:rotate|.*}:revoke");

  @Override
  public void filterOpenAPI(OpenAPI api) {
    if (api.getPaths() == null) {
      return;
    }
    api.getPaths()
        .getPathItems()
        .forEach(
            (path, item) -> {
              if (path.startsWith(API)) {
                item.getOperations()
                    .forEach((method, operation) -> complete(path, method, operation));
              }
            });
  }

  private static void complete(String path, PathItem.HttpMethod method, Operation operation) {
    IdempotencyDescription.add(method, operation);
    PreferDescription.add(path, operation);
    add(operation, ProblemType.BAD_REQUEST);
    add(operation, ProblemType.UNAUTHENTICATED);
    add(operation, ProblemType.NOT_ACCEPTABLE);
    add(operation, ProblemType.TOO_MANY_REQUESTS);
    // a certificate is of an authority and for a server that the query or the body names
    if (path.contains("{") || path.equals("/v1/certificates")) {
      add(operation, ProblemType.NOT_FOUND);
    }
    if (operation.getRequestBody() != null) {
      add(operation, ProblemType.PAYLOAD_TOO_LARGE);
      add(operation, ProblemType.UNSUPPORTED_MEDIA_TYPE);
    }
    addManagedServer(path, method, operation);
    add(operation, ProblemType.INTERNAL_ERROR);
    add(operation, ProblemType.AUDIT_UNAVAILABLE);
    if (method == PathItem.HttpMethod.GET) {
      addNotModified(operation);
    } else {
      add(operation, ProblemType.PRECONDITION_FAILED);
    }
    operation.getResponses().getAPIResponses().forEach(ProblemResponses::describe);
    operation
        .getResponses()
        .setAPIResponses(new TreeMap<>(operation.getResponses().getAPIResponses()));
  }

  /** What only operations can meet that go to a managed server, and those that change it. */
  private static void addManagedServer(
      String path, PathItem.HttpMethod method, Operation operation) {
    if (!TO_MANAGED_SERVERS.matcher(path).matches()) {
      return;
    }
    add(operation, ProblemType.LOGIN_REFUSED);
    add(operation, ProblemType.SERVER_UNREACHABLE);
    if (method != PathItem.HttpMethod.GET) {
      add(operation, ProblemType.OPERATION_IN_PROGRESS);
    }
    if (method != PathItem.HttpMethod.GET && path.matches(".*/(hba|ident)(/.*)?")) {
      add(operation, ProblemType.PRECONDITION_FAILED);
      add(operation, ProblemType.PRECONDITION_REQUIRED);
    }
  }

  private static void addNotModified(Operation operation) {
    String id = operation.getOperationId();
    if (id != null && (id.startsWith("get") || id.startsWith("check"))) {
      operation
          .getResponses()
          .addAPIResponse(
              NOT_MODIFIED,
              OASFactory.createAPIResponse().description("It is what If-None-Match names"));
    }
  }

  private static void add(Operation operation, ProblemType type) {
    String status = Integer.toString(type.status());
    if (!operation.getResponses().hasAPIResponse(status)) {
      operation.getResponses().addAPIResponse(status, OASFactory.createAPIResponse());
    }
  }

  private static void describe(String status, APIResponse response) {
    if (!status.startsWith("4") && !status.startsWith("5")) {
      return;
    }
    if (response.getDescription() == null || response.getDescription().isBlank()) {
      response.setDescription(titles(status));
    }
    response.setContent(
        OASFactory.createContent()
            .addMediaType(
                Problem.MEDIA_TYPE,
                OASFactory.createMediaType()
                    .schema(OASFactory.createSchema().ref("#/components/schemas/Problem"))));
  }

  private static String titles(String status) {
    Map<String, String> titles =
        Arrays.stream(ProblemType.values())
            .collect(
                Collectors.groupingBy(
                    type -> Integer.toString(type.status()),
                    Collectors.mapping(ProblemType::title, Collectors.joining("; "))));
    return titles.getOrDefault(status, "Problem");
  }
}
