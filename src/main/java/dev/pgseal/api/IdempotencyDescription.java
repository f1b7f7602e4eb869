package dev.pgseal.api;

import dev.pgseal.problem.ProblemType;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;

/** {@code Idempotency-Key} and what it may be answered with, for every POST of the document. */
final class IdempotencyDescription {

  private static final String EXAMPLE = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"";

  private IdempotencyDescription() {}

  static void add(PathItem.HttpMethod method, Operation operation) {
    if (method == PathItem.HttpMethod.POST) {
      describe(operation);
    }
  }

  private static void describe(Operation operation) {
    operation.addParameter(
        OASFactory.createParameter()
            .name(IdempotencyFilter.HEADER)
            .in(Parameter.In.HEADER)
            .description(
                "A new string for each new request, sent again with each repetition of it: what was"
                    + " done is not done again, and the first answer is given again with"
                    + " Idempotency-Replayed: true. Kept for 24 hours.")
            .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING))
            .example(EXAMPLE));
    explain(operation, ProblemType.IDEMPOTENCY_KEY_IN_USE, ProblemType.IDEMPOTENCY_OUTCOME_UNKNOWN);
    explain(operation, ProblemType.IDEMPOTENCY_KEY_REUSED);
  }

  /** All of them have the same status. */
  private static void explain(Operation operation, ProblemType... types) {
    String status = Integer.toString(types[0].status());
    if (!operation.getResponses().hasAPIResponse(status)) {
      operation
          .getResponses()
          .addAPIResponse(
              status,
              OASFactory.createAPIResponse()
                  .description(
                      Stream.of(types).map(ProblemType::title).collect(Collectors.joining("; "))));
    }
  }
}
