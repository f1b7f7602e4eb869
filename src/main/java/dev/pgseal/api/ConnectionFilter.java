package dev.pgseal.api;

import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.ServerConnection;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** Criteria on sessions, all of which must fit; absent ones fit everything. */
public class ConnectionFilter {

  @QueryParam("encryption")
  @Parameter(
      description = "How the session travels",
      schema = @Schema(implementation = Encryption.class))
  @Nullable String encryption;

  @QueryParam("username")
  @Parameter(description = "The role it logged in as")
  @Nullable String username;

  @QueryParam("applicationName")
  @Parameter(description = "As in pg_stat_activity")
  @Nullable String applicationName;

  @QueryParam("clientAddress")
  @Parameter(description = "An address, without a mask")
  @Nullable String clientAddress;

  @QueryParam("database")
  @Parameter(description = "The database it is connected to")
  @Nullable String database;

  public ConnectionFilter() {}

  ConnectionFilter(
      @Nullable Encryption encryption,
      @Nullable String username,
      @Nullable String applicationName,
      @Nullable String clientAddress,
      @Nullable String database) {
    this.encryption = encryption == null ? null : encryption.name();
    this.username = username;
    this.applicationName = applicationName;
    this.clientAddress = clientAddress;
    this.database = database;
  }

  /** Equal for filters that mean the same. */
  List<String> criteria() {
    return Stream.of(encryption, username, applicationName, clientAddress, database)
        .map(value -> value == null ? "" : "=" + value)
        .toList();
  }

  Predicate<ServerConnection> predicate() {
    Encryption wanted = QueryValues.oneOf(Encryption.class, "encryption", encryption);
    return c ->
        fits(wanted, c.encryption())
            && fits(username, c.username())
            && fits(applicationName, c.applicationName())
            && fits(clientAddress, c.clientAddress())
            && fits(database, c.database());
  }

  private static boolean fits(@Nullable Object wanted, @Nullable Object found) {
    return wanted == null || Objects.equals(wanted, found);
  }
}
