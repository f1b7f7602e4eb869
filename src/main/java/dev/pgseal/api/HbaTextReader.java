package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.MessageBodyReader;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** A pg_hba.conf that is the whole body, as {@code curl --data-binary @pg_hba.conf} sends it. */
@Provider
@Consumes(MediaType.TEXT_PLAIN)
public class HbaTextReader implements MessageBodyReader<HbaTextRequests.Texts> {

  static final String MAJOR = "postgresMajor";

  @Context @Nullable UriInfo uri;

  @Override
  public boolean isReadable(
      Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
    return type == HbaTextRequests.Texts.class;
  }

  /**
   * @throws PgsealException {@code BAD_REQUEST} unless the query has {@code postgresMajor}
   */
  @Override
  public HbaTextRequests.Texts readFrom(
      Class<HbaTextRequests.Texts> type,
      Type genericType,
      Annotation[] annotations,
      MediaType mediaType,
      MultivaluedMap<String, String> headers,
      InputStream body)
      throws IOException {
    Integer major = major(uri == null ? null : uri.getQueryParameters().getFirst(MAJOR));
    if (major == null) {
      throw invalid();
    }
    return HbaTextRequests.Texts.of(major, body.readAllBytes());
  }

  /**
   * @return null when it is absent
   * @throws PgsealException {@code BAD_REQUEST} for what is no major that pgseal knows
   */
  static @Nullable Integer major(@Nullable String postgresMajor) {
    if (postgresMajor == null) {
      return null;
    }
    if (!postgresMajor.matches("1[4-8]")) {
      throw invalid();
    }
    return Integer.valueOf(postgresMajor);
  }

  private static PgsealException invalid() {
    return new PgsealException(
            ProblemType.BAD_REQUEST, "postgresMajor must be a whole number from 14 to 18")
        .with("parameter", MAJOR)
        .hint("Such as ?postgresMajor=16");
  }
}
