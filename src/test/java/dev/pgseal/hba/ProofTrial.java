package dev.pgseal.hba;

import dev.pgseal.hba.RawLogin.Outcome;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Holds proofs against the server that has loaded the same rules. */
final class ProofTrial {

  private static final List<String> CLIENTS =
      List.of("127.0.0.1", "127.0.0.2", "127.0.0.5", "127.9.0.1", "::1");

  private final RulesView view;
  private final RawLogin login;
  private final RuleSpace space;
  private final ProofOptions options;
  private final List<String> wrong = new ArrayList<>();
  private int enforced;
  private int open;
  private int refused;
  private int witnesses;
  private int untried;

  ProofTrial(PostgresServer server, RulesView view, RuleSpace space) {
    this.view = view;
    this.login = new RawLogin(server);
    this.space = space;
    this.options =
        ProofOptions.STRICT.withInterfaces(space.serverInterfaces()).withPreferredClients(CLIENTS);
  }

  void run(HbaDocument document, int attempts) throws IOException, SQLException {
    List<PlaintextDoor> doors = HbaProof.plaintextDoors(document, options);
    if (!doors.isEmpty()) {
      open++;
      for (PlaintextDoor door : doors) {
        witness(document, door);
      }
      return;
    }
    enforced++;
    for (int i = 0; i < attempts; i++) {
      String replication = space.replication();
      ConnectionAttempt attempt = space.plaintextAttempt(replication);
      if (admitted(attempt, replication)) {
        wrong.add("called enforced, but " + attempt + " got in:\n" + text(document));
      }
      refused++;
    }
  }

  /** With exactly the memberships that the witness names. */
  private void witness(HbaDocument document, PlaintextDoor door) throws IOException, SQLException {
    ConnectionAttempt named = door.witness();
    if (named == null
        || !door.confirmed()
        || !Objects.requireNonNull(named.client()).isLoopbackAddress()) {
      untried++;
      return;
    }
    witnesses++;
    view.execute(roles(document, named));
    if (!admitted(named, door.physicalReplication() ? "true" : null)) {
      wrong.add(door.description() + ", but the witness was refused:\n" + text(document));
    }
    view.execute(RuleSpace.REMOVE_ROLES);
    view.execute(RuleSpace.ROLES);
  }

  /** Makes the user and those roles in which the witness has it, and no others. */
  private static String[] roles(HbaDocument document, ConnectionAttempt named) {
    var names = new TreeSet<>(Set.of(named.database()));
    for (HbaRule rule : document.rules()) {
      rule.users().stream()
          .filter(HbaToken::isMembership)
          .forEach(token -> names.add(HbaText.toReadable(token.text().substring(1))));
    }
    var sql = new ArrayList<String>();
    sql.add(RuleSpace.REMOVE_ROLES);
    if (!named.user().equals(PostgresServer.SUPERUSER)) {
      sql.add("CREATE ROLE " + quoted(named.user()) + " LOGIN");
    }
    Predicate<String> memberOf = Objects.requireNonNull(named.memberOf());
    names.remove(named.user());
    names.removeIf(memberOf.negate());
    for (String role : names) {
      sql.add("CREATE ROLE %s NOLOGIN ROLE %s".formatted(quoted(role), quoted(named.user())));
    }
    return sql.toArray(String[]::new);
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private boolean admitted(ConnectionAttempt attempt, @Nullable String replication)
      throws IOException {
    Outcome outcome = login.attempt(attempt, replication);
    return outcome != Outcome.REJECTED && outcome != Outcome.NO_ENTRY;
  }

  private static String text(HbaDocument document) {
    return HbaText.ofBytes(document.bytes());
  }

  List<String> wrong() {
    return wrong;
  }

  int witnesses() {
    return witnesses;
  }

  int refused() {
    return refused;
  }

  @Override
  public String toString() {
    return enforced
        + " files enforced ("
        + refused
        + " plaintext logins tried), "
        + open
        + " open ("
        + witnesses
        + " witnesses tried, "
        + untried
        + " doors without one that can be tried), "
        + wrong.size()
        + " contradictions";
  }
}
