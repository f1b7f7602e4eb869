package dev.pgseal.contract;

import io.restassured.filter.Filter;
import io.restassured.filter.FilterContext;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.FilterableResponseSpecification;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Holds every answer that a test gets through REST Assured against the OpenAPI document: the test
 * fails when the document does not know the status, the media type or a field.
 */
public final class ContractFilter implements Filter {

  private static final String API = "/v1/";

  @Override
  public Response filter(
      FilterableRequestSpecification request,
      FilterableResponseSpecification expected,
      FilterContext context) {
    Response response = context.next(request, expected);
    URI uri = URI.create(request.getURI());
    if (uri.getRawPath().startsWith(API) && !request.getMethod().equals("HEAD")) {
      check(request, uri, response);
    }
    return response;
  }

  private static void check(FilterableRequestSpecification request, URI uri, Response response) {
    if (request.getMethod().equals("OPTIONS")) {
      return; // answered by the framework, and no operation
    }
    Contract contract = Contract.committed();
    Answer answer =
        new Answer(
            response.statusCode(),
            Objects.requireNonNullElse(response.contentType(), ""),
            response.asString());
    Optional<ContractOperation> operation = contract.find(request.getMethod(), uri.getRawPath());
    List<String> faults =
        operation
            .map(known -> answer.faults(contract, known))
            .orElseGet(() -> answer.faultsAsProblem(contract));
    if (!faults.isEmpty()) {
      throw new AssertionError(
          "%s %s was answered %d, and the OpenAPI document does not say so: %s%n%s"
              .formatted(request.getMethod(), uri, answer.status(), faults, answer.body()));
    }
  }
}
