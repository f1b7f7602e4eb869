package dev.pgseal.hba;

import dev.pgseal.hba.RawLogin.Outcome;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Holds proofs against the server that has loaded the same rules. */
final class ProofTrial {

  private static final List<String> CLIENTS =
      List.of("127.0.0.1", "127.0.0.2", "127.0.0.5", "127.9.0.1", "::1");

  private final RawLogin login;
  private final RuleSpace space;
  private final ProofOptions options;
  private final List<String> wrong = new ArrayList<>();
  private int enforced;
  private int open;
  private int refused;
  private int witnesses;

  ProofTrial(PostgresServer server, RuleSpace space) {
    this.login = new RawLogin(server);
    this.space = space;
    this.options =
        ProofOptions.STRICT.withInterfaces(space.serverInterfaces()).withPreferredClients(CLIENTS);
  }

  void run(HbaDocument document, int attempts) throws IOException {
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

  /** Only with the memberships that the server really has. */
  private void witness(HbaDocument document, PlaintextDoor door) throws IOException {
    ConnectionAttempt named = door.witness();
    if (named == null
        || !door.confirmed()
        || !Objects.requireNonNull(named.client()).isLoopbackAddress()) {
      return;
    }
    ConnectionAttempt real = named.withMembership(RuleSpace.roles(named.user())::contains);
    if (HbaMatcher.decide(document, real) instanceof HbaDecision.Decided decided
        && decided.rule().equals(door.rule())) {
      witnesses++;
      if (!admitted(real, door.physicalReplication() ? "true" : null)) {
        wrong.add(door.description() + ", but the witness was refused:\n" + text(document));
      }
    }
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
        + " witnesses tried), "
        + wrong.size()
        + " contradictions";
  }
}
