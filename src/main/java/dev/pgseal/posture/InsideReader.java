package dev.pgseal.posture;

import dev.pgseal.hba.HbaLint;
import dev.pgseal.hba.LintFinding;
import dev.pgseal.hba.LintOptions;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.postgres.ServerFactsReader;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.HbaLoader;
import dev.pgseal.tls.RefusedSessions;
import dev.pgseal.tls.ServerAccess;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Looks at a server over SQL, reading only; each part by itself, since a role may see some. */
@ApplicationScoped
public class InsideReader {

  /** Settings that decide what is served and who gets in. */
  private static final List<String> WATCHED =
      List.of(
          "ssl",
          "ssl_cert_file",
          "ssl_key_file",
          "ssl_ca_file",
          "ssl_crl_file",
          "ssl_crl_dir",
          "ssl_min_protocol_version",
          "ssl_max_protocol_version",
          "ssl_ciphers",
          "ssl_tls13_ciphers",
          "ssl_ecdh_curve",
          "ssl_groups",
          "ssl_prefer_server_ciphers",
          "ssl_dh_params_file",
          "ssl_sni",
          "hba_file",
          "ident_file",
          "listen_addresses",
          "password_encryption");

  private final ServerAccess access;
  private final ServerSettings settings;
  private final ServerConnections connections;
  private final ServerFactsReader facts;
  private final HbaLoader loader;
  private final RefusedSessions refused;

  public InsideReader(
      ServerAccess access,
      ServerSettings settings,
      ServerConnections connections,
      ServerFactsReader facts,
      HbaLoader loader,
      RefusedSessions refused) {
    this.access = access;
    this.settings = settings;
    this.connections = connections;
    this.facts = facts;
    this.loader = loader;
    this.refused = refused;
  }

  private record Rules(String sha256, List<LintFinding> lint) {}

  Inside read(ManagedServer server) {
    try (PostgresSession session = access.fresh(server)) {
      return read(server, session);
    } catch (PgsealException e) {
      return Inside.hidden("No session: " + e.detail());
    }
  }

  private Inside read(ManagedServer server, PostgresSession session) {
    List<String> hidden = new ArrayList<>();
    Map<String, String> watched =
        part("the settings", hidden, Map.of(), () -> watched(settings.read(session)));
    Rules rules = part("the rules", hidden, null, () -> rules(session, watched));
    PlaintextSessions sessions =
        part(
            "the sessions",
            hidden,
            PlaintextSessions.UNKNOWN,
            () -> PlaintextSessions.of(connections.list(session), refused.of(server, session)));
    if (sessions.hidden() != null && sessions.hidden() > 0) {
      hidden.add(
          "the sessions: %d of them cannot be seen into, maybe in plaintext"
              .formatted(sessions.hidden()));
    }
    List<String> missing =
        part(
            "the privileges",
            hidden,
            List.of(),
            () -> List.copyOf(facts.read(session).missingPrivileges()));
    return new Inside(
        watched,
        rules == null ? List.of() : rules.lint(),
        rules == null ? null : rules.sha256(),
        sessions,
        hidden,
        missing);
  }

  private static Map<String, String> watched(Map<String, ServerSetting> all) {
    Map<String, String> watched = new TreeMap<>();
    for (String name : WATCHED) {
      ServerSetting setting = all.get(name);
      if (setting != null && setting.value() != null) {
        watched.put(name, setting.value());
      }
    }
    return watched;
  }

  private Rules rules(PostgresSession session, Map<String, String> watched) {
    HbaLoader.Loaded loaded = loader.load(session);
    String authorities = watched.get("ssl_ca_file");
    LintOptions options = new LintOptions(authorities == null ? null : !authorities.isEmpty());
    return new Rules(loaded.tag(), HbaLint.lint(loaded.document(), options));
  }

  private static <T extends @Nullable Object> T part(
      String what, List<String> hidden, T otherwise, Supplier<T> read) {
    try {
      return read.get();
    } catch (PgsealException e) {
      hidden.add(what + ": " + e.detail());
      return otherwise;
    }
  }
}
