package dev.pgseal.api;

import dev.pgseal.certificate.Pem;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerLocks;
import dev.pgseal.server.ServerStore;
import dev.pgseal.tls.ServerInspection;
import dev.pgseal.tls.ServerReport;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes servers in, changes and forgets them; a login is tried before it is stored. */
@ApplicationScoped
class ServerRegistry {

  private final ServerStore servers;
  private final ServerLocks locks;
  private final ServerInspection inspection;

  ServerRegistry(ServerStore servers, ServerLocks locks, ServerInspection inspection) {
    this.servers = servers;
    this.locks = locks;
    this.inspection = inspection;
  }

  /**
   * @param report null when nothing of the login was changed
   */
  record Changed(ManagedServer server, @Nullable ServerReport report) {}

  ServerReport register(ManagedServer server, String password) {
    if (servers.find(server.name()).isPresent()) {
      throw new PgsealException(
              ProblemType.NAME_TAKEN, "There is already a server named " + server.name())
          .with("server", server.name());
    }
    requireTrustAnchor(server);
    ServerReport report = inspection.inspect(server.login(password));
    servers.insert(server, password);
    return report;
  }

  ServerReport inspect(ManagedServer server) {
    return inspection.inspect(servers.login(server));
  }

  Changed change(ManagedServer server, ServerChange change) {
    ManagedServer after = change.applyTo(server);
    if (!change.changesLogin(server)) {
      return new Changed(servers.update(after, null), null);
    }
    requireTrustAnchor(after);
    requirePasswordElsewhere(server, after, change);
    return locked(
        server,
        "PATCH server",
        () -> {
          String password =
              change.password() == null ? servers.login(server).password() : change.password();
          ServerReport report = inspection.inspect(after.login(password));
          return new Changed(servers.update(after, change.password()), report);
        });
  }

  /**
   * Who may change a server may not thereby learn its password: the stored one goes to the host it
   * was given for, and over a connection that is checked no less than before.
   */
  private static void requirePasswordElsewhere(
      ManagedServer before, ManagedServer after, ServerChange change) {
    boolean elsewhere = !after.host().equals(before.host()) || after.port() != before.port();
    boolean weaker =
        after.sslMode().compareTo(before.sslMode()) < 0
            || (before.sslMode().verifies()
                && !Objects.equals(after.sslRootCertificate(), before.sslRootCertificate()));
    if (change.password() == null && (elsewhere || weaker)) {
      throw new PgsealException(
              ProblemType.VALIDATION_FAILED,
              elsewhere
                  ? "The stored password is not sent to another host or port"
                  : "The stored password is not sent over a connection that is checked less")
          .hint("Give the password in the same change")
          .with("field", "password");
    }
  }

  void forget(ManagedServer server) {
    locked(server, "DELETE server", () -> servers.delete(server.id()));
  }

  private <T> T locked(ManagedServer server, String operation, Supplier<T> change) {
    return locks.holding(server.id(), "request/" + UUID.randomUUID(), operation, change);
  }

  private static void requireTrustAnchor(ManagedServer server) {
    String root = server.sslRootCertificate();
    if (root != null) {
      Pem.certificates(root);
    } else if (server.sslMode().verifies()) {
      throw new PgsealException(
              ProblemType.VALIDATION_FAILED,
              "sslMode " + server.sslMode() + " needs an sslRootCertificate")
          .hint("Give the PEM of the authority that issued the server's certificate")
          .with("field", "sslRootCertificate");
    }
  }
}
