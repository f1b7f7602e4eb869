package dev.pgseal.api;

import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.TlsMode;
import dev.pgseal.tls.ServerReport;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A managed server as callers see it: all but the password. */
@Schema(name = "Server")
public record ServerView(
    UUID id,
    @Schema(examples = "db1") String name,
    @Schema(examples = "db1.example.org") String host,
    @Schema(examples = "5432") int port,
    @Schema(examples = "postgres") String database,
    @Schema(examples = "postgres") String username,
    ConnectionSslMode sslMode,
    @Nullable String sslRootCertificate,
    @Schema(examples = "[\"db1.example.org\", \"192.0.2.7\"]") List<String> endpoints,
    @Schema(examples = "{\"env\": \"prod\"}") Map<String, String> labels,
    @Schema(description = "The mode last asked for; absent before the first request")
        @Nullable TlsMode desiredMode,
    @Schema(description = "Raised by every change; the ETag") long revision,
    Instant createdAt,
    Instant updatedAt,
    @Schema(description = "What was seen on it, where the request connected")
        @Nullable ReportView report) {

  /** What was seen on the server, in the words of {@link ServerReport}. */
  @Schema(name = "ServerReport")
  public record ReportView(
      @Schema(examples = "16.3") String version,
      @Schema(examples = "16") int major,
      @Schema(description = "It is a standby") boolean inRecovery,
      @Schema(description = "pgseal's own session travelled inside TLS") boolean encrypted,
      boolean superuser,
      @Schema(
              description = "Statements for a superuser that grant what pgseal lacks",
              examples = "[\"GRANT pg_read_all_settings TO pgseal\"]")
          List<String> missingPrivileges,
      @Schema(description = "Empty for a build without SSL", examples = "OpenSSL")
          String sslLibrary,
      @Schema(examples = "/var/lib/postgresql/16/main") @Nullable String dataDirectory,
      @Schema(examples = "/etc/postgresql/16/main/pg_hba.conf") @Nullable String hbaFile,
      @Schema(
              description = "The same on a primary and its physical standbys",
              examples = "7348112233445566778")
          @Nullable String systemIdentifier,
      List<String> warnings) {}

  static ServerView of(ManagedServer server) {
    return of(server, null);
  }

  static ServerView of(ManagedServer server, @Nullable ServerReport report) {
    return new ServerView(
        server.id(),
        server.name(),
        server.host(),
        server.port(),
        server.database(),
        server.username(),
        server.sslMode(),
        server.sslRootCertificate(),
        server.endpoints(),
        server.labels(),
        server.desiredMode(),
        server.revision(),
        server.createdAt(),
        server.updatedAt(),
        report == null ? null : of(report));
  }

  private static ReportView of(ServerReport report) {
    return new ReportView(
        report.version(),
        report.major(),
        report.inRecovery(),
        report.encrypted(),
        report.superuser(),
        report.missingPrivileges(),
        report.sslLibrary(),
        report.dataDirectory(),
        report.hbaFile(),
        report.systemIdentifier(),
        report.warnings());
  }

  /** A page of servers. */
  @Schema(name = "ServerPage")
  public record ServerPage(List<ServerView> servers, @Nullable String nextPageToken) {}
}
