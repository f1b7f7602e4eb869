package dev.pgseal.api;

import jakarta.ws.rs.core.Application;
import org.eclipse.microprofile.openapi.annotations.Components;
import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.enums.SecuritySchemeType;
import org.eclipse.microprofile.openapi.annotations.info.Info;
import org.eclipse.microprofile.openapi.annotations.info.License;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.security.SecurityScheme;
import org.eclipse.microprofile.openapi.annotations.servers.Server;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The head of the OpenAPI document; the rest stands at the resources. */
@OpenAPIDefinition(
    info =
        @Info(
            title = "pgseal",
            version = "1",
            description =
                """
                Takes self-managed PostgreSQL servers from plaintext to TLS that is enforced and \
                proved, and back.

                Errors are `application/problem+json` (RFC 9457) with a stable `type`; only what is \
                no HTTP with a URI is answered 400, 414 or 431 without a body. Unknown JSON fields \
                are refused, and values of another type than the schema's; null is the same as \
                leaving a field out. Lists come in pages: repeat the request with \
                `pageToken` = `nextPageToken` until there is none, filters unchanged. One resource \
                is answered with an `ETag`; sent back as `If-None-Match` it saves the body (304). \
                Every change takes an `Idempotency-Key`, also where it is not listed; with it a \
                request can be sent again when its answer was lost. `RateLimit` says how many \
                requests are left. Which role an operation takes is \
                its `x-roles`, any one of which will do.""",
            license =
                @License(
                    name = "Apache-2.0",
                    url = "https://www.apache.org/licenses/LICENSE-2.0.txt")),
    servers = @Server(url = "http://127.0.0.1:8080", description = "Where it listens by default"),
    tags = {
      @Tag(name = "Audit", description = "Who did what to which server, before and after"),
      @Tag(
          name = "Authorities",
          description = "Who issues certificates: keys here, and CAs outside"),
      @Tag(name = "Certificates", description = "Issued, installed, renewed, revoked"),
      @Tag(name = "Client certificates", description = "Which clients log in with a certificate"),
      @Tag(name = "Connections", description = "Sessions and how each is encrypted"),
      @Tag(name = "hba", description = "The rules of pg_hba.conf"),
      @Tag(name = "Jobs", description = "Changes in several steps, durable across restarts"),
      @Tag(name = "Posture", description = "Graded findings of the recurring scans"),
      @Tag(name = "Rollouts", description = "Take servers to a mode, step by step, each proved"),
      @Tag(name = "Servers", description = "PostgreSQL servers that pgseal manages"),
      @Tag(name = "SSL", description = "What is requested, configured, served and enforced"),
      @Tag(name = "Tokens", description = "Bearer tokens of this API"),
      @Tag(name = "Webhooks", description = "Signed messages to receivers of your own")
    },
    security = @SecurityRequirement(name = ApiDescription.BEARER),
    components = @Components(schemas = @Schema(name = "Problem", implementation = Problem.class)))
@SecurityScheme(
    securitySchemeName = ApiDescription.BEARER,
    type = SecuritySchemeType.HTTP,
    scheme = "bearer",
    description =
        "A token of `POST /v1/tokens`, or the first one that the service was given; or a JWT of the OpenID provider, where one is configured. A client certificate may stand in for it.")
public class ApiDescription extends Application {

  static final String BEARER = "bearer";
}
