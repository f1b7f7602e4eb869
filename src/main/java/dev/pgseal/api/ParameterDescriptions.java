package dev.pgseal.api;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;

/** Describes in the OpenAPI document the parameters that mean the same in every operation. */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class ParameterDescriptions implements OASFilter {

  private static final Map<String, String> BY_NAME =
      Map.ofEntries(
          Map.entry("If-Match", "The ETag of the version that was read"),
          Map.entry("server", "The name under which the server is registered"),
          Map.entry("authority", "The authority's name"),
          Map.entry("certificate", "The certificate's id, as in the list of certificates"),
          Map.entry("job", "The job's id"),
          Map.entry("token", "The token's name"),
          Map.entry("webhook", "The webhook's name"),
          Map.entry("pid", "The process id of the session's backend"),
          Map.entry("revision", "The number of the version, as in the list of versions"),
          Map.entry("ruleId", "The rule's id, as in the list of rules"),
          Map.entry("entryId", "The entry's id, as in the list of entries"));

  @Override
  public Parameter filterParameter(Parameter parameter) {
    if (parameter.getDescription() == null) {
      parameter.setDescription(BY_NAME.get(parameter.getName()));
    }
    return parameter;
  }
}
