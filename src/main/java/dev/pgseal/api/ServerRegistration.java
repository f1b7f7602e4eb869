package dev.pgseal.api;

import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A server to be managed. */
@Schema(name = "ServerRegistration")
public record ServerRegistration(
    @NotNull
        @Pattern(regexp = Names.PATTERN, message = Names.MESSAGE)
        @Schema(description = "Unique, the {server} in paths", examples = "db1")
        String name,
    @NotNull
        @Pattern(regexp = ServerFields.HOST, message = ServerFields.HOST_MESSAGE)
        @Schema(description = "Where pgseal connects to", examples = "db1.example.org")
        String host,
    @Min(1) @Max(65535) @Schema(defaultValue = "5432") @Nullable Integer port,
    @Size(min = 1, max = 63)
        @Schema(description = "Any one it may connect to", defaultValue = "postgres")
        @Nullable String database,
    @NotBlank @Size(max = 63) @Schema(examples = "postgres") String username,
    @NotNull
        @Size(max = 1000)
        @Schema(description = ServerFields.PASSWORD, examples = "secret", writeOnly = true)
        String password,
    @Schema(description = ServerFields.SSL_MODE) @Nullable ConnectionSslMode sslMode,
    @Size(max = 65536) @Schema(description = ServerFields.ROOT_CERTIFICATE)
        @Nullable String sslRootCertificate,
    @Size(max = 100)
        @Schema(
            description = ServerFields.ENDPOINTS + "; the host when absent",
            examples = "[\"db1.example.org\", \"192.0.2.7\"]")
        @Nullable
            List<
                @NotNull @Pattern(regexp = ServerFields.HOST, message = ServerFields.HOST_MESSAGE)
                String>
            endpoints,
    @Size(max = 64) @Schema(description = ServerFields.LABELS, examples = "{\"env\": \"prod\"}")
        @Nullable
            Map<
                @Pattern(regexp = ServerFields.LABEL_KEY, message = ServerFields.LABEL_MESSAGE)
                String,
                @NotNull @Size(max = 255) String>
            labels) {

  ManagedServer toServer() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    return new ManagedServer(
        UUID.randomUUID(),
        name,
        host,
        Objects.requireNonNullElse(port, 5432),
        Objects.requireNonNullElse(database, "postgres"),
        username,
        Objects.requireNonNullElse(sslMode, ConnectionSslMode.PREFER),
        sslRootCertificate,
        Objects.requireNonNullElse(endpoints, List.of(host)),
        Objects.requireNonNullElse(labels, Map.of()),
        null,
        1,
        now,
        now);
  }

  /** Never shows the password. */
  @Override
  public String toString() {
    return name;
  }
}
