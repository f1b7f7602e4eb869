package dev.pgseal.api;

import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;

/** {@code Prefer} for the operations of the document that answer with a job. */
final class PreferDescription {

  private static final String JOB = "/v1/jobs/{job}";
  private static final String ACCEPTED = "202";

  private PreferDescription() {}

  static void add(String path, Operation operation) {
    boolean ofOneJob = path.startsWith(JOB) && !path.startsWith(JOB + "/");
    if (ofOneJob || operation.getResponses().hasAPIResponse(ACCEPTED)) {
      operation.addParameter(
          OASFactory.createParameter()
              .name(JobPreference.HEADER)
              .in(Parameter.In.HEADER)
              .description(
                  "wait=SECONDS (RFC 7240), at most 60: answer once the job has ended, or with its"
                      + " state after that time. The status is the same as without.")
              .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING))
              .example("wait=30"));
    }
  }
}
