package dev.pgseal.tls;

import dev.pgseal.hba.HbaDialect;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.LintOptions;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A server's rules as that very server reads them, with what else it knows about itself. */
@ApplicationScoped
public class RulesReview {

  /** {@code configure} names what a build has; all but superusers may be kept from it. */
  private static final String CONFIGURE =
      "SELECT setting FROM pg_config() WHERE name = 'CONFIGURE'";

  private static final Map<String, String> METHOD_BY_OPTION =
      Map.of(
          "--with-gssapi", "gss",
          "--with-pam", "pam",
          "--with-bsd-auth", "bsd",
          "--with-ldap", "ldap");

  private final ServerAccess access;
  private final ServerSettings settings;
  private final HbaLoader loader;

  public RulesReview(ServerAccess access, ServerSettings settings, HbaLoader loader) {
    this.access = access;
    this.settings = settings;
    this.loader = loader;
  }

  /**
   * The rules as they lie there, pgseal's own line among them, and what a lint can know.
   *
   * @param clientCaConfigured whether {@code ssl_ca_file} is set; null when it cannot be seen
   */
  public record Facts(HbaDocument rules, @Nullable Boolean clientCaConfigured) {

    public LintOptions lintOptions() {
      return new LintOptions(clientCaConfigured);
    }
  }

  public Facts read(ManagedServer server) {
    try (PostgresSession session = access.borrow(server)) {
      Map<String, ServerSetting> all = settings.read(session);
      String authorities = value(all, "ssl_ca_file");
      HbaDialect dialect =
          builtWith(session, HbaDialect.of(session.major()))
              .withSsl(!"off".equals(value(all, "ssl")));
      return new Facts(
          loader.load(session, dialect), authorities == null ? null : !authorities.isEmpty());
    }
  }

  private static @Nullable String value(Map<String, ServerSetting> all, String name) {
    ServerSetting setting = all.get(name);
    return setting == null ? null : setting.value();
  }

  /** Without the methods that this build lacks: naming one of them is an error to it. */
  private static HbaDialect builtWith(PostgresSession session, HbaDialect dialect) {
    Optional<String> options = configure(session);
    if (options.isEmpty()) {
      return dialect;
    }
    Set<String> methods = new HashSet<>(dialect.methods());
    METHOD_BY_OPTION.forEach(
        (option, method) -> {
          if (!options.get().contains(option)) {
            methods.remove(method);
          }
        });
    methods.remove("sspi");
    return dialect.withMethods(methods);
  }

  private static Optional<String> configure(PostgresSession session) {
    try {
      return session
          .queryOne(CONFIGURE, row -> row.getString(1))
          .filter(options -> options.contains("--with-"));
    } catch (PgsealException kept) {
      return Optional.empty();
    }
  }
}
