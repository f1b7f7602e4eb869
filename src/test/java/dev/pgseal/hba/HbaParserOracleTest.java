package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Our verdict on every line of generated and hand-made files, with fields and error texts, against
 * pg_hba_file_rules.
 */
class HbaParserOracleTest {

  private static final Logger LOG = Logger.getLogger(HbaParserOracleTest.class);
  private static final int FILES = 5_000;
  private static final int RELOADS = 1_000;

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  /** Distributions build with methods that other binaries lack. */
  private static HbaDialect dialect(PostgresServer server) {
    HbaDialect least = HbaDialect.of(server.major()).withoutOptionalMethods();
    String configure =
        String.valueOf(server.query("SELECT setting FROM pg_config WHERE name = 'CONFIGURE'"));
    var methods = new HashSet<>(least.methods());
    Map.of("--with-gssapi", "gss", "--with-pam", "pam", "--with-ldap", "ldap")
        .forEach(
            (option, method) -> {
              if (configure.contains(option)) {
                methods.add(method);
              }
            });
    return least.withMethods(methods).withSsl(false).withOauthValidators(Set.of());
  }

  @PostgresMajors
  void everyLineIsJudgedAsPostgresJudgesIt(int major) throws SQLException {
    PostgresServer server = SERVERS.on(major);
    HbaDialect dialect = dialect(server);
    var disagreements = new ArrayList<String>();
    int lines = 0;
    int refused = 0;
    int resolving = 0;
    try (RulesView view = new RulesView(server)) {
      view.write(HbaCorpus.FILES);
      var generator = new HbaGenerator(OracleScale.random(major));
      List<String> corpus = HbaCorpus.lines(major);
      int files = OracleScale.of(FILES) + corpus.size();
      for (int i = 0; i < files; i++) {
        String file = i < corpus.size() ? corpus.get(i) + "\n" : generator.file();
        List<String> theirs = view.rows(file).stream().map(this::verdict).toList();
        HbaDocument document = parse(view, dialect);
        assertThat(HbaText.ofBytes(document.bytes())).isEqualTo(file);
        List<String> ours =
            document.entries().stream().map(entry -> verdict(entry, major)).toList();
        lines += theirs.size();
        refused += document.refused() ? 1 : 0;
        if (dependsOnDns(document)) {
          resolving++;
        } else if (!ours.equals(theirs)) {
          disagreements.add(shown(file) + "\n ours   " + ours + "\n theirs " + theirs);
        }
      }
      LOG.infof(
          "PostgreSQL %d: %d files, %d lines, %d files refused, %d skipped for DNS,"
              + " %d disagreements (seed %d)",
          major, files, lines, refused, resolving, disagreements.size(), OracleScale.SEED);
    }
    assertThat(disagreements.stream().limit(6)).as("seed %d", OracleScale.SEED).isEmpty();
  }

  /** Whether the file is taken shows from outside: two lines on top of it answer. */
  @PostgresMajors
  void aReloadTakesTheFileExactlyWhenWeSaySo(int major) throws SQLException, IOException {
    PostgresServer server = SERVERS.on(major);
    HbaDialect dialect = dialect(server);
    var login = new RawLogin(server);
    var disagreements = new ArrayList<String>();
    int taken = 0;
    int files = OracleScale.of(RELOADS);
    try (RulesView view = new RulesView(server, "reloads")) {
      view.write(HbaCorpus.FILES);
      var generator = new HbaGenerator(OracleScale.random(major + 20));
      for (int i = 0; i < files; i++) {
        String file =
            """
            host pgseal_gen_%d pgseal_probe all reject
            host pgseal_ack_%d pgseal_probe all scram-sha-256
            """
                    .formatted(i, i)
                + generator.file();
        view.write("pg_hba.conf", file);
        view.reload();
        boolean loaded =
            ask(login, "pgseal_gen_" + i) == RawLogin.Outcome.REJECTED
                && ask(login, "pgseal_ack_" + i) == RawLogin.Outcome.SASL;
        HbaDocument document = parse(view, dialect);
        taken += loaded ? 1 : 0;
        if (!dependsOnDns(document) && loaded == document.refused()) {
          disagreements.add(shown(file) + "\n ours " + document.refusal() + ", loaded " + loaded);
        }
      }
    }
    LOG.infof(
        "PostgreSQL %d: %d reloads, %d taken, %d disagreements (seed %d)",
        major, files, taken, disagreements.size(), OracleScale.SEED);
    assertThat(disagreements.stream().limit(6)).as("seed %d", OracleScale.SEED).isEmpty();
    assertThat(taken).isBetween(files / 20, files - files / 20);
  }

  /** Other rules would answer both questions in the same way. */
  private static RawLogin.Outcome ask(RawLogin login, String database) throws IOException {
    return login.attempt(Hba.plaintext("127.0.0.1", database, HbaSentinel.USER), null);
  }

  private static HbaDocument parse(RulesView view, HbaDialect dialect) {
    return HbaDocument.parse(view.directory() + "/pg_hba.conf", new DirectoryReader(), dialect);
  }

  /** RADIUS servers are looked up while the file is loaded. */
  private static boolean dependsOnDns(HbaDocument document) {
    return document.files().stream()
        .map(file -> HbaText.ofBytes(document.bytes(file)))
        .flatMap(text -> Pattern.compile("radiusservers=([^\\s]*)").matcher(text).results())
        .anyMatch(found -> !found.group(1).matches("\"?(127\\.0\\.0\\.1)?(,::1)?,?\"?"));
  }

  private static String shown(String file) {
    return file.replace("\\", "\\\\")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\0", "\\0");
  }

  private String verdict(RulesView.Row row) {
    if (row.type() == null) {
      return place(row.file(), row.line()) + " refused: " + row.error();
    }
    return place(row.file(), row.line())
        + String.join(
            " | ",
            row.type(),
            Objects.toString(row.databases()),
            Objects.toString(row.users()),
            address(row),
            row.method(),
            Objects.toString(shownOptions(row.options())),
            "never: " + row.error());
  }

  private String verdict(HbaEntry entry, int major) {
    String place = place(major < 16 ? null : entry.file(), entry.line());
    if (entry instanceof HbaError error) {
      return place + " refused: " + error.viewError();
    }
    HbaRule rule = (HbaRule) entry;
    return place
        + String.join(
            " | ",
            rule.type().keyword(),
            rule.databases().stream().map(HbaToken::text).toList().toString(),
            rule.users().stream().map(HbaToken::text).toList().toString(),
            address(rule.address()),
            rule.method(),
            Objects.toString(options(rule)),
            "never: " + rule.cannotMatch());
  }

  private static String place(@Nullable String file, int line) {
    return (file == null ? "" : file.substring(file.lastIndexOf("/data/") + 6)) + ":" + line + " ";
  }

  private static String address(RulesView.Row row) {
    String address = row.address();
    if (address == null || row.netmask() == null) {
      return Objects.toString(address);
    }
    String bare = address.replaceFirst("%.*", "");
    return Hba.ip(bare).getHostAddress() + "/" + Hba.ip(row.netmask()).getHostAddress();
  }

  private static String address(@Nullable HbaAddress address) {
    if (address instanceof HbaAddress.Network network) {
      return network.ip().getHostAddress() + "/" + network.mask().getHostAddress();
    }
    if (address instanceof HbaAddress.HostName name) {
      return name.name();
    }
    return address == null ? "null" : address.getClass().getSimpleName().toLowerCase();
  }

  /** The view shows some options only. */
  private static List<String> shownOptions(@Nullable List<String> shown) {
    return shown == null
        ? List.of()
        : shown.stream().filter(o -> o.startsWith("map=") || o.startsWith("clientcert=")).toList();
  }

  private static List<String> options(HbaRule rule) {
    var options = new ArrayList<String>();
    rule.option("map").ifPresent(value -> options.add("map=" + value));
    if (rule.method().equals("cert")) {
      options.add("clientcert=verify-full");
    } else {
      rule.option("clientcert").ifPresent(value -> options.add("clientcert=" + value));
    }
    return options;
  }
}
