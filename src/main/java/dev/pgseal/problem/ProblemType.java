package dev.pgseal.problem;

/**
 * The kinds of problem a caller can meet (RFC 9457 §3.1.1 {@code type}).
 *
 * <p>The {@link #uri()} is stable: clients may decide on it. {@link #status()} is the HTTP status
 * the problem is answered with while a request is open; inside a job the same type is recorded
 * without it. {@link #meaning()} and {@link #cure()} are what docs/problems.md and the pages at the
 * URIs say.
 */
public enum ProblemType {
  BAD_REQUEST(
      400,
      "The request cannot be understood",
      "Something in the request has a form that pgseal does not know: the body is no JSON "
          + "or has an unknown field, or a parameter or header has a value that it cannot have.",
      "Look at `field`, `parameter`, `header`, `line` and `column`: they say where. The "
          + "OpenAPI document (`/q/openapi`) has the form of every request."),
  VALIDATION_FAILED(
      400,
      "The request breaks a rule of its schema",
      "The request can be read, but a value is missing, too long, or not one of those that "
          + "are allowed.",
      "`violations` names each field and what it must be. Mend all of them at once."),
  UNAUTHENTICATED(
      401,
      "A valid bearer token is needed",
      "The request has no token, or one that is unknown, has expired or was deleted.",
      "Send `Authorization: Bearer pgs_…`. An admin makes tokens with `POST /v1/tokens`."),
  FORBIDDEN(
      403,
      "The caller may not do this",
      "The token is valid, but lacks the role for this operation, or is limited to some "
          + "servers and this concerns others.",
      "`roles` names those that would do. Use a token that has one, or ask an admin."),
  SELF_APPROVAL(
      403,
      "Who asked for a change cannot approve it",
      "The approval has to come from a second person. This caller asked for the change, or one of "
          + "the two made the other's token.",
      "Have somebody else approve it, with a token that neither of the two made."),
  NOT_FOUND(
      404,
      "There is no such thing",
      "There is nothing with this name or id, or the token's `serverLabels` do not reach " + "it.",
      "Look at the list one level up. A limited token sees only what concerns its servers."),
  METHOD_NOT_ALLOWED(
      405,
      "The resource has no such method",
      "The path is right, the method is not.",
      "The OpenAPI document (`/q/openapi`) has the methods of every path."),
  NOT_ACCEPTABLE(
      406,
      "No acceptable representation",
      "The `Accept` header admits nothing that this resource can be answered as.",
      "Accept `application/json`, or what the OpenAPI document says of the operation."),
  NAME_TAKEN(
      409,
      "The name is taken",
      "Names are unique, for servers in the whole fleet: also among those that the token "
          + "does not reach.",
      "Take another name. When the request is a repetition of one whose answer was lost, "
          + "send an `Idempotency-Key` with both next time."),
  OPERATION_IN_PROGRESS(
      409,
      "Another operation is changing this server",
      "One operation at a time changes a server. `holder` says which one does now.",
      "Wait for `Retry-After` and send the request again, or follow or cancel the job that "
          + "is named. A holder that was killed blocks for 20 s at most."),
  ILLEGAL_STATE(
      409,
      "Not possible in the present state",
      "The request is right, but not now: a job that has ended cannot be cancelled, a "
          + "pending authority cannot issue.",
      "Read the resource; `detail` says what state it would have to be in."),
  LOCKOUT_RISK(
      409,
      "The change would lock somebody out",
      "With the new rules pgseal itself, or a session that is connected now, could not log "
          + "in again. Nothing was changed.",
      "`detail` names who. Add a rule for them before, or end those sessions."),
  TOO_MANY_FAILURES(
      409,
      "More servers failed than may",
      "A rollout over several servers stops when more of them fail than its `maxFailures` allows: "
          + "nothing more is begun, what has begun is brought to its end.",
      "`failures` names the servers with their jobs: each says what was wrong and how to mend it. "
          + "Then start the rollout again with `POST /v1/jobs/{job}:retry`; raise `maxFailures` "
          + "where single servers may stay behind."),
  FOREIGN_CONFIGURATION_ERROR(
      409,
      "The configuration files hold an error that is not ours",
      "`pg_file_settings` or `pg_hba_file_rules` of the server shows an error that was "
          + "there before. With it a reload would not take our change either.",
      "Mend the line that is named, reload, and try again."),
  SETTING_NOT_CHANGEABLE(
      409,
      "A setting cannot be changed through SQL",
      "The setting stands on the server's command line, or `allow_alter_system` is off, so "
          + "that `ALTER SYSTEM` would change nothing or is refused.",
      "Change it where it is set. For servers that Patroni or the like configures, use " + "that."),
  HBA_NOT_EDITABLE(
      409,
      "pg_hba.conf cannot be edited safely",
      "The edit would have to write what pgseal does not write, such as a list of names "
          + "(`@file`), or cannot be shown to be harmless.",
      "`detail` has the place. Make the edit by hand there."),
  IDEMPOTENCY_KEY_IN_USE(
      409,
      "The first request with this Idempotency-Key still runs",
      "The request was sent before with the same key, and is not answered yet, on this "
          + "replica or another.",
      "Send it again, unchanged, after the time in `Retry-After`: then it gets the first "
          + "one's answer."),
  IDEMPOTENCY_OUTCOME_UNKNOWN(
      409,
      "What became of the first request is not known",
      "The replica that ran the first request with this key ended before it answered. The "
          + "request may have taken effect or not; it is not run again by itself, for that might "
          + "do it twice.",
      "Read the resource, or the list of jobs. If it took no effect, send the request with "
          + "a new key."),
  PRECONDITION_FAILED(
      412,
      "The resource has changed meanwhile",
      "`If-Match` names another version than the present one: somebody else has changed the"
          + " resource since it was read.",
      "Read it again, look at what has changed, and repeat the change with the new `ETag`."),
  PAYLOAD_TOO_LARGE(
      413,
      "The body is too large",
      "The body has more bytes than pgseal takes (`maxBytes`), or was not sent to its end.",
      "Send less. An operator can raise `quarkus.http.limits.max-body-size`."),
  UNSUPPORTED_MEDIA_TYPE(
      415,
      "The media type is not supported",
      "The resource does not take a body of this `Content-Type`.",
      "Send `Content-Type: application/json`, or what the OpenAPI document says of the "
          + "operation."),
  IDEMPOTENCY_KEY_REUSED(
      422,
      "The Idempotency-Key belongs to another request",
      "The key was sent before with another method, path, query or body.",
      "Make a new key for each new request, a UUID for instance, and use it again only to "
          + "repeat that request unchanged."),
  LOGIN_REFUSED(
      422,
      "The server refused the login",
      "PostgreSQL can be reached but does not let pgseal in: user, password, database, or "
          + "`pg_hba.conf`.",
      "`detail` has PostgreSQL's words. Try the login with `psql` from the host of pgseal; "
          + "change it with `PATCH /v1/servers/{server}`."),
  ADDRESS_REFUSED(
      422,
      "pgseal does not connect to this address",
      "The name or address is one that pgseal is kept from: link-local, where clouds answer with "
          + "credentials, multicast, or a network of `pgseal.egress.deny`.",
      "`detail` says which rule it was. An administrator of pgseal can allow an address by "
          + "`pgseal.egress.allow`."),
  UNSUPPORTED_SERVER(
      422,
      "The server cannot be managed",
      "Its version is not one of 14 to 18, it was built without OpenSSL, or it is something"
          + " else than PostgreSQL.",
      "`detail` says which. Such a server cannot be taken to TLS by pgseal."),
  PRIVILEGE_MISSING(
      422,
      "The login lacks a privilege",
      "The role that pgseal logs in as may not do what this takes.",
      "Grant what is named, or register the server with another role."),
  CERTIFICATE_INVALID(
      422,
      "The certificate cannot be used",
      "The certificate, its key, its chain or the signing request does not hold: they do "
          + "not fit each other, have expired, or PostgreSQL would not take them.",
      "`detail` says what is wrong with which."),
  POLICY_VIOLATION(
      422,
      "The authority's policy does not allow it",
      "The authority issues only what its policy says: names, validity, kinds of keys.",
      "Ask for what the policy allows (`GET /v1/authorities/{authority}`), or use another "
          + "authority."),
  CERTIFICATE_NOT_SERVED(
      422,
      "The server does not serve the certificate",
      "The files were placed and loaded, but a new handshake showed another certificate or "
          + "none. The previous one is back.",
      "`detail` says what was seen. Look at the server's log; a proxy in between serves its"
          + " own."),
  SSL_NOT_TAKEN(
      422,
      "PostgreSQL did not take the SSL configuration",
      "After the reload the server did not offer TLS as asked. The previous settings are "
          + "back.",
      "The server's log has the reason, often the key file's owner or mode."),
  HBA_INVALID(
      422,
      "PostgreSQL would refuse this pg_hba.conf",
      "PostgreSQL has an error in the new text. Nothing was changed.",
      "`line` says where, `detail` what."),
  IDENT_INVALID(
      422,
      "PostgreSQL would refuse this pg_ident.conf",
      "PostgreSQL has an error in the new text. Nothing was changed.",
      "`line` says where, `detail` what."),
  HBA_NOT_TAKEN(
      422,
      "PostgreSQL did not take the new pg_hba.conf",
      "After the reload the new rules did not show themselves from outside, or pgseal could"
          + " not log in. The previous file is back.",
      "Look at the server's log of that moment, then at whether something else writes the "
          + "file."),
  FILE_NOT_WRITTEN(
      422,
      "A file could not be written on the server",
      "Length or hash of what arrived on the server is not that of what was sent, or the "
          + "disk or its permissions refused it. Nothing was replaced.",
      "`detail` has the server's words: space, owner and mode of the data directory."),
  PRECONDITION_REQUIRED(
      428,
      "The request must be conditional",
      "This change needs `If-Match`, so that nobody overwrites what they have not read (RFC"
          + " 6585 §3).",
      "Read the resource and send its `ETag` as `If-Match`."),
  TOO_MANY_REQUESTS(
      429,
      "Too many requests",
      "The caller sends more than its share, or too many wrong tokens came from its " + "address.",
      "Wait for `Retry-After`. `RateLimit` and `RateLimit-Policy` say how much is left."),
  INTERNAL_ERROR(
      500,
      "Something went wrong inside pgseal",
      "A fault of pgseal, or of its control database or key set.",
      "The service's log has the reason under the `requestId`. The request may be repeated:"
          + " every operation means \"make it so\"."),
  AUDIT_UNAVAILABLE(
      503,
      "What cannot be recorded is not done",
      "The entry of the audit log that comes before every change could not be written. Nothing "
          + "was done.",
      "Look at the control database: space, connections, whether it is in recovery."),
  IDENTITY_PROVIDER_AWAY(
      503,
      "The OpenID provider does not answer",
      "The token is one of the OpenID provider's, whose keys cannot be fetched just now.",
      "Try again after `Retry-After`. pgseal's own tokens work meanwhile."),
  SERVER_UNREACHABLE(
      502,
      "The server cannot be reached",
      "The managed server did not answer in time, or its name or port is wrong.",
      "Try `psql` from the host of pgseal. What is in between: firewall, DNS, the server "
          + "itself."),
  SERVER_FAULT(
      502,
      "The server answered with an error",
      "The managed server was reached and then failed in a way that pgseal does not know.",
      "`detail` has the server's words; its log has more."),
  ISSUER_FAULT(
      502,
      "The certificate authority outside refused or failed",
      "The CA refused the account, the names or the order, or did not answer in time.",
      "`detail` has the CA's words. `Retry-After` says when another try makes sense, where "
          + "the CA told."),
  STEP_DEADLINE(
      504,
      "A step of a job took longer than it may",
      "The step worked for longer than the rollout's `stepDeadline`. Its sessions with the "
          + "server were cut, and what was done is taken back.",
      "`reason` has what the step met last. Look at what it waited for: `pg_stat_activity` "
          + "(`wait_event`) and `pg_locks`, the server's log, its disk, the network between. Then "
          + "ask again with `:retry`, or with a longer `stepDeadline` where the step only needs "
          + "more time.");

  private final int status;
  private final String title;
  private final String meaning;
  private final String cure;

  ProblemType(int status, String title, String meaning, String cure) {
    this.status = status;
    this.title = title;
    this.meaning = meaning;
    this.cure = cure;
  }

  public int status() {
    return status;
  }

  public String title() {
    return title;
  }

  /** When it comes about; Markdown without blocks. */
  public String meaning() {
    return meaning;
  }

  /** What whoever meets it does; Markdown without blocks. */
  public String cure() {
    return cure;
  }

  /** Its name in URIs and texts, such as {@code lockout-risk}. */
  public String slug() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  /** A relative reference such as {@code /problems/lockout-risk}, where it is explained. */
  public String uri() {
    return "/problems/" + slug();
  }
}
