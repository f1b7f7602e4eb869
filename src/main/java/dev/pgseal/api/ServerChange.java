package dev.pgseal.api;

import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a server that can be changed: a JSON merge patch (RFC 7396) of them comes in, the
 * merged whole is checked.
 */
@Schema(
    name = "ServerChange",
    description = "Fields that are left out stay; null removes a label or the root certificate")
public record ServerChange(
    @Pattern(regexp = ServerFields.HOST, message = ServerFields.HOST_MESSAGE)
        @NotNull
        @Schema(required = false, examples = "db1.example.org")
        String host,
    @NotNull @Min(1) @Max(65535) @Schema(required = false, examples = "5432") Integer port,
    @NotNull @Size(min = 1, max = 63) @Schema(required = false, examples = "postgres")
        String database,
    @NotBlank @Size(max = 63) @Schema(required = false, examples = "postgres") String username,
    @Size(max = 1000)
        @Schema(description = ServerFields.PASSWORD, examples = "secret", writeOnly = true)
        @Nullable String password,
    @NotNull @Schema(required = false, description = ServerFields.SSL_MODE)
        ConnectionSslMode sslMode,
    @Size(max = 65536) @Schema(description = ServerFields.ROOT_CERTIFICATE)
        @Nullable String sslRootCertificate,
    @NotNull
        @Size(max = 100)
        @Schema(
            required = false,
            description = ServerFields.ENDPOINTS,
            examples = "[\"db1.example.org\"]")
        List<
                @NotNull @Pattern(regexp = ServerFields.HOST, message = ServerFields.HOST_MESSAGE)
                String>
            endpoints,
    @NotNull
        @Size(max = 64)
        @Schema(
            required = false,
            description = ServerFields.LABELS,
            examples = "{\"env\": \"prod\"}")
        Map<
                @Pattern(regexp = ServerFields.LABEL_KEY, message = ServerFields.LABEL_MESSAGE)
                String,
                @NotNull @Size(max = 255) String>
            labels) {

  /** What a patch is merged into; without the password, which nobody may read. */
  static ServerChange of(ManagedServer server) {
    return new ServerChange(
        server.host(),
        server.port(),
        server.database(),
        server.username(),
        null,
        server.sslMode(),
        server.sslRootCertificate(),
        server.endpoints(),
        server.labels());
  }

  ManagedServer applyTo(ManagedServer server) {
    return new ManagedServer(
        server.id(),
        server.name(),
        host,
        port,
        database,
        username,
        sslMode,
        sslRootCertificate,
        endpoints,
        labels,
        server.desiredMode(),
        server.revision(),
        server.createdAt(),
        server.updatedAt());
  }

  /** It concerns how we connect, so the connection has to be tried before it is stored. */
  boolean changesLogin(ManagedServer before) {
    ManagedServer after = applyTo(before);
    return password != null || !after.login("").equals(before.login(""));
  }

  /** Never shows the password. */
  @Override
  public String toString() {
    return host;
  }
}
