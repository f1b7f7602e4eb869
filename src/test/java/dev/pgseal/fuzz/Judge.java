package dev.pgseal.fuzz;

import dev.pgseal.contract.Answer;
import dev.pgseal.contract.Contract;
import dev.pgseal.contract.ContractOperation;
import dev.pgseal.testing.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is wrong with an answer. */
final class Judge {

  /** Stack traces, and names of classes of ours and of what we use. */
  private static final Pattern INSIDES =
      Pattern.compile(
          "\\bat [\\w.$]+\\([\\w$]+\\.java:\\d+\\)"
              + "|\\b(dev\\.pgseal|java\\.(lang|util|io|net|sql|time|security)|jakarta|org\\.(jboss|"
              + "postgresql|hibernate|bouncycastle|jdbi|flywaydb)|io\\.(quarkus|vertx|netty|smallrye)"
              + "|com\\.(fasterxml|github))\\.\\w+"
              + "|\\b[A-Z]\\w+Exception\\b");

  private static final List<String> OF_WHAT_IS_NOT_THERE =
      List.of("/problems/server-unreachable", "/problems/issuer-fault");

  private static final Set<String> AUDIT = Set.of("listAudit", "exportAudit");

  private final Contract contract;
  private final Things things;

  Judge(Contract contract, Things things) {
    this.contract = contract;
    this.things = things;
  }

  List<String> faults(FuzzRequest request, Answer answer) {
    if (isRefusedByHttp(request, answer)) {
      return List.of();
    }
    List<String> faults = new ArrayList<>();
    if (answer.status() >= 500 && !isOfWhatIsNotThere(request, answer)) {
      faults.add("5xx");
    }
    if (answer.status() >= 400) {
      faults.addAll(answer.faultsAsProblem(contract));
    }
    faults.addAll(faultsOfOperation(request, answer));
    faults.addAll(insides(request, answer));
    if (request.kind() != Kind.HOSTILE) {
      faults.addAll(promises(request, answer));
    }
    return faults;
  }

  /**
   * What is no HTTP with a URI (RFC 9112 3.2, RFC 9110 15.5.15, RFC 6585 5) is answered by the
   * layer below, without a body, as the description says.
   */
  private static boolean isRefusedByHttp(FuzzRequest request, Answer answer) {
    if (!answer.body().isEmpty()) {
      return false;
    }
    return answer.status() == 414
        || answer.status() == 431
        || (answer.status() == 400 && (!request.hasUri() || request.asksForAnotherProtocol()));
  }

  /** The contract documents 502 for servers and CAs outside that cannot be reached. */
  private static boolean isOfWhatIsNotThere(FuzzRequest request, Answer answer) {
    return answer.status() == 502
        && request.mayMissServers()
        && OF_WHAT_IS_NOT_THERE.stream().anyMatch(answer.body()::contains);
  }

  private List<String> faultsOfOperation(FuzzRequest request, Answer answer) {
    Optional<ContractOperation> reached =
        contract.find(request.operation().method(), request.path());
    List<String> faults =
        reached.map(operation -> answer.faults(contract, operation)).orElse(List.of());
    return !faults.isEmpty() && isOfAnother(request, answer) ? List.of() : faults;
  }

  /** A spoiled path may lead to another operation, as {@code /v1/servers/.} does, or to none. */
  private boolean isOfAnother(FuzzRequest request, Answer answer) {
    if (request.kind() != Kind.HOSTILE) {
      return false;
    }
    return answer.status() == 404
        || answer.status() == 405
        || (!request.path().matches("[A-Za-z0-9/:-]+")
            && contract.operations().stream()
                .filter(operation -> operation.method().equals(request.operation().method()))
                .anyMatch(operation -> answer.faults(contract, operation).isEmpty()));
  }

  private List<String> insides(FuzzRequest request, Answer answer) {
    Matcher found = INSIDES.matcher(answer.body());
    List<String> faults = new ArrayList<>();
    while (found.find()) {
      // the audit log repeats what all the other requests sent, and a list the names they gave
      if (!request.sends(found.group())
          && !isOfTheFuzzer(found.group())
          && !AUDIT.contains(request.operation().id())) {
        faults.add("shows " + found.group());
      }
    }
    if (answer.body().contains(PostgresServer.PASSWORD)
        || things.tokens().values().stream().anyMatch(answer.body()::contains)) {
      faults.add("shows a secret");
    }
    return faults;
  }

  private static boolean isOfTheFuzzer(String text) {
    return HostileTexts.TEXTS.stream().anyMatch(hostile -> hostile.contains(text));
  }

  private static List<String> promises(FuzzRequest request, Answer answer) {
    boolean open = request.operation().roles().isEmpty();
    if (request.caller().equals(Caller.NOBODY) && !open) {
      return answer.status() == 401 || answer.status() == 429
          ? List.of()
          : List.of("not refused without a token");
    }
    if (!open && request.lacksRole()) {
      return answer.status() == 403 ? List.of() : List.of("not refused without the role");
    }
    if (request.kind() == Kind.BROKEN && answer.status() < 400) {
      return List.of("taken although it breaks its schema");
    }
    return List.of();
  }
}
