package dev.pgseal.problem;

/**
 * The kinds of problem a caller can meet (RFC 9457 §3.1.1 {@code type}).
 *
 * <p>The {@link #uri()} is stable: clients may decide on it. {@link #status()} is the HTTP status
 * the problem is answered with while a request is open; inside a job the same type is recorded
 * without it.
 */
public enum ProblemType {
  BAD_REQUEST(400, "The request cannot be understood"),
  VALIDATION_FAILED(400, "The request breaks a rule of its schema"),
  UNAUTHENTICATED(401, "A valid bearer token is needed"),
  FORBIDDEN(403, "The caller may not do this"),
  NOT_FOUND(404, "There is no such thing"),
  METHOD_NOT_ALLOWED(405, "The resource has no such method"),
  NOT_ACCEPTABLE(406, "No acceptable representation"),
  NAME_TAKEN(409, "The name is taken"),
  OPERATION_IN_PROGRESS(409, "Another operation is changing this server"),
  ILLEGAL_STATE(409, "Not possible in the present state"),
  LOCKOUT_RISK(409, "The change would lock somebody out"),
  FOREIGN_CONFIGURATION_ERROR(409, "The configuration files hold an error that is not ours"),
  SETTING_NOT_CHANGEABLE(409, "A setting cannot be changed through SQL"),
  HBA_NOT_EDITABLE(409, "pg_hba.conf cannot be edited safely"),
  IDEMPOTENCY_KEY_IN_USE(409, "The first request with this Idempotency-Key still runs"),
  IDEMPOTENCY_OUTCOME_UNKNOWN(409, "What became of the first request is not known"),
  PRECONDITION_FAILED(412, "The resource has changed meanwhile"),
  PAYLOAD_TOO_LARGE(413, "The body is too large"),
  UNSUPPORTED_MEDIA_TYPE(415, "The media type is not supported"),
  IDEMPOTENCY_KEY_REUSED(422, "The Idempotency-Key belongs to another request"),
  LOGIN_REFUSED(422, "The server refused the login"),
  UNSUPPORTED_SERVER(422, "The server cannot be managed"),
  PRIVILEGE_MISSING(422, "The login lacks a privilege"),
  CERTIFICATE_INVALID(422, "The certificate cannot be used"),
  POLICY_VIOLATION(422, "The authority's policy does not allow it"),
  CERTIFICATE_NOT_SERVED(422, "The server does not serve the certificate"),
  SSL_NOT_TAKEN(422, "PostgreSQL did not take the SSL configuration"),
  HBA_INVALID(422, "PostgreSQL would refuse this pg_hba.conf"),
  IDENT_INVALID(422, "PostgreSQL would refuse this pg_ident.conf"),
  HBA_NOT_TAKEN(422, "PostgreSQL did not take the new pg_hba.conf"),
  FILE_NOT_WRITTEN(422, "A file could not be written on the server"),
  PRECONDITION_REQUIRED(428, "The request must be conditional"),
  TOO_MANY_REQUESTS(429, "Too many requests"),
  INTERNAL_ERROR(500, "Something went wrong inside pgseal"),
  SERVER_UNREACHABLE(502, "The server cannot be reached"),
  SERVER_FAULT(502, "The server answered with an error"),
  ISSUER_FAULT(502, "The certificate authority outside refused or failed");

  private final int status;
  private final String title;

  ProblemType(int status, String title) {
    this.status = status;
    this.title = title;
  }

  public int status() {
    return status;
  }

  public String title() {
    return title;
  }

  /** A relative reference such as {@code /problems/lockout-risk}. */
  public String uri() {
    return "/problems/" + name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}
