package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Holds our reading of files against that of one server. */
final class FileTrial {

  private static final List<String> RADIUS =
      List.of("radiusservers", "radiussecrets", "radiusidentifiers", "radiusports");

  private final int major;
  private final RawLogin login;
  private final List<String> disagreements = new ArrayList<>();
  private int files;
  private int lines;
  private int refused;
  private int resolving;
  private int reloads;
  private int taken;

  FileTrial(PostgresServer server) {
    this.major = server.major();
    this.login = new RawLogin(server);
  }

  void run(RulesView view, HbaDialect dialect, String file) throws IOException, SQLException {
    judge(view, dialect, file);
    reload(view, dialect, file);
  }

  /** Line for line: is it taken, with which fields, or with which error. */
  void judge(RulesView view, HbaDialect dialect, String file) throws SQLException {
    List<String> theirs = view.rows(file).stream().map(FileTrial::verdict).toList();
    HbaDocument document = parse(view, dialect);
    assertThat(HbaText.ofBytes(document.bytes())).isEqualTo(file);
    List<String> ours = document.entries().stream().map(this::verdict).toList();
    files++;
    lines += theirs.size();
    refused += document.refused() ? 1 : 0;
    if (dependsOnDns(document)) {
      resolving++;
    } else if (!ours.equals(theirs)) {
      disagreements.add(shown(file) + "\n ours   " + ours + "\n theirs " + theirs);
    }
  }

  /**
   * Whether a reload takes the file. Two lines on top of it tell, for other rules would answer both
   * questions in the same way.
   */
  void reload(RulesView view, HbaDialect dialect, String file) throws IOException, SQLException {
    int number = reloads++;
    view.write(
        "pg_hba.conf",
        """
        host pgseal_gen_%d pgseal_probe all reject
        host pgseal_ack_%d pgseal_probe all scram-sha-256
        """
                .formatted(number, number)
            + file);
    view.reload();
    boolean loaded =
        ask("pgseal_gen_" + number) == RawLogin.Outcome.REJECTED
            && ask("pgseal_ack_" + number) == RawLogin.Outcome.SASL;
    HbaDocument document = parse(view, dialect);
    taken += loaded ? 1 : 0;
    if (!dependsOnDns(document) && loaded == document.refused()) {
      disagreements.add(shown(file) + "\n ours " + document.refusal() + ", loaded " + loaded);
    }
  }

  private RawLogin.Outcome ask(String database) throws IOException {
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

  private static String verdict(RulesView.Row row) {
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

  private String verdict(HbaEntry entry) {
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

  /** Those of the methods that every build has, however many the view shows. */
  private static List<String> shownOptions(@Nullable List<String> shown) {
    return shown == null
        ? List.of()
        : shown.stream().filter(o -> o.matches("(?s)(map|clientcert|radius[a-z]*)=.*")).toList();
  }

  private static List<String> options(HbaRule rule) {
    var options = new ArrayList<String>();
    rule.option("map").ifPresent(value -> options.add("map=" + value));
    if (rule.method().equals("cert")) {
      options.add("clientcert=verify-full");
    } else {
      rule.option("clientcert").ifPresent(value -> options.add("clientcert=" + value));
    }
    for (String name : RADIUS) {
      rule.option(name).ifPresent(value -> options.add(name + "=" + value));
    }
    return options;
  }

  List<String> disagreements() {
    return disagreements;
  }

  int files() {
    return files;
  }

  int taken() {
    return taken;
  }

  @Override
  public String toString() {
    return ("%d files, %d lines, %d files refused, %d not compared for DNS;"
            + " %d reloads, %d taken; %d disagreements")
        .formatted(files, lines, refused, resolving, reloads, taken, disagreements.size());
  }
}
