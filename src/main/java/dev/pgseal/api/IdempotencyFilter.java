package dev.pgseal.api;

import dev.pgseal.idempotency.Answer;
import dev.pgseal.idempotency.Claim;
import dev.pgseal.idempotency.IdempotentRequests;
import dev.pgseal.idempotency.RequestKey;
import dev.pgseal.idempotency.Verdict;
import jakarta.annotation.Priority;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.WriterInterceptor;
import jakarta.ws.rs.ext.WriterInterceptorContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * {@code Idempotency-Key} on whatever changes something: the second request with it gets the first
 * one's answer (draft-ietf-httpapi-idempotency-key-header-07).
 *
 * <p>Only answers below 400 are kept, before they are sent. After a refusal nothing has changed, or
 * it was taken back, so the key is free and the request can be mended and sent again; after a 5xx
 * it can be repeated as it is. Runs after the caller's role was checked and before anything that
 * shall see a run of an operation but not a replay.
 */
@Provider
@Priority(IdempotencyFilter.AFTER_AUTHORIZATION)
public class IdempotencyFilter
    implements ContainerRequestFilter, ContainerResponseFilter, WriterInterceptor {

  static final int AFTER_AUTHORIZATION = 2100;

  static final String HEADER = "Idempotency-Key";
  static final String REPLAYED = "Idempotency-Replayed";

  private static final String CLAIM = IdempotencyFilter.class.getName();
  private static final String STATUS = CLAIM + ".status";
  private static final int FIRST_REFUSAL = 400;

  private final IdempotentRequests requests;
  private final Caller caller;

  IdempotencyFilter(IdempotentRequests requests, Caller caller) {
    this.requests = requests;
    this.caller = caller;
  }

  @Override
  public void filter(ContainerRequestContext request) throws IOException {
    List<String> given = request.getHeaders().get(HEADER);
    if (given == null || !ChangesOutliveConnections.CHANGING.contains(request.getMethod())) {
      return;
    }
    RequestKey key = new RequestKey(caller.name(), IdempotencyKeys.parse(given));
    byte[] body = request.getEntityStream().readAllBytes();
    request.setEntityStream(new ByteArrayInputStream(body));
    Verdict verdict = requests.begin(key, RequestFingerprint.of(request, body));
    if (verdict instanceof Verdict.Run run) {
      request.setProperty(CLAIM, run.claim());
    } else if (verdict instanceof Verdict.Replay replay) {
      request.abortWith(response(replay.answer()));
    }
  }

  private static Response response(Answer answer) {
    Response.ResponseBuilder response = Response.status(answer.status());
    answer.headers().forEach((name, values) -> values.forEach(v -> response.header(name, v)));
    if (answer.body().length > 0) {
      response.entity(answer.body());
    }
    return response.header(REPLAYED, "true").build();
  }

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    if (!(request.getProperty(CLAIM) instanceof Claim claim)) {
      return;
    }
    if (response.getStatus() >= FIRST_REFUSAL) {
      request.removeProperty(CLAIM);
      requests.abandoned(claim);
    } else if (response.hasEntity()) {
      request.setProperty(STATUS, response.getStatus());
    } else {
      requests.answered(
          claim,
          new Answer(
              response.getStatus(), AnswerHeaders.of(response.getHeaders(), null), new byte[0]));
      request.removeProperty(CLAIM);
    }
  }

  @Override
  public void aroundWriteTo(WriterInterceptorContext context) throws IOException {
    if (!(context.getProperty(CLAIM) instanceof Claim claim)) {
      context.proceed();
      return;
    }
    OutputStream wire = context.getOutputStream();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    context.setOutputStream(body);
    // what is thrown up to here is answered as a 5xx, which frees the key above
    context.proceed();
    requests.answered(
        claim,
        new Answer(
            (Integer) context.getProperty(STATUS),
            AnswerHeaders.of(context.getHeaders(), context.getMediaType()),
            body.toByteArray()));
    context.removeProperty(CLAIM);
    body.writeTo(wire);
  }
}
