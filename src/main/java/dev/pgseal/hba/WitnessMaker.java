package dev.pgseal.hba;

import java.net.InetAddress;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Makes up a connection attempt for a piece of a rule. */
final class WitnessMaker {

  private static final String FRESH = "pgseal_witness";

  private final HbaDialect dialect;
  private final ProofOptions options;
  private final String fresh;

  WitnessMaker(HbaDocument document, ProofOptions options) {
    this.dialect = document.dialect();
    this.options = options;
    var names = new HashSet<String>();
    for (HbaRule rule : document.rules()) {
      rule.databases().forEach(token -> names.add(token.text()));
      rule.users().forEach(token -> names.add(token.text()));
    }
    this.fresh = notIn(names);
  }

  /** Empty when no name can be thought of that the pair matches. */
  Optional<ConnectionAttempt> make(NamePair pair, AddressRange gap, boolean physical) {
    Optional<String> user = userName(pair.user());
    Optional<String> database =
        user.flatMap(name -> physical ? Optional.of("postgres") : databaseName(pair, name));
    if (database.isEmpty()) {
      return Optional.empty();
    }
    InetAddress client = client(gap);
    var attempt =
        ConnectionAttempt.tcp(client, Transport.PLAINTEXT, database.get(), user.get())
            .withMembership(membership(pair, user.get(), database.get()));
    attempt = physical ? attempt.asPhysicalReplication() : attempt;
    attempt = options.interfaces() == null ? attempt : attempt.withInterfaces(options.interfaces());
    return Optional.of(attempt);
  }

  private Optional<String> userName(HbaToken token) {
    if (token.isKeyword("all") || token.isMembership()) {
      return Optional.of(fresh);
    }
    return named(token);
  }

  private Optional<String> databaseName(NamePair pair, String user) {
    HbaToken token = pair.database();
    if (token.isKeyword("sameuser")) {
      return Optional.of(user);
    }
    if (token.isKeyword("all") || token.isKeyword("samerole") || token.isKeyword("samegroup")) {
      return Optional.of(fresh);
    }
    return named(token);
  }

  /** A name that is not in the file. */
  private static String notIn(Set<String> names) {
    String name = FRESH;
    for (int i = 2; names.contains(name); i++) {
      name = FRESH + i;
    }
    return name;
  }

  private Optional<String> named(HbaToken token) {
    if (!token.isRegex(dialect)) {
      return Optional.of(HbaText.toReadable(token.text()))
          .filter(name -> !name.isEmpty() && token.text().length() <= HbaText.NAME_BYTES)
          .filter(name -> HbaText.ofReadable(name).equals(token.text()));
    }
    PostgresRegex regex = PostgresRegex.compile(token.text().substring(1));
    String stripped = token.text().replaceAll("[^A-Za-z0-9_]", "");
    for (String guess : new String[] {stripped, fresh, "a", "1", "a1", "postgres"}) {
      if (!guess.isEmpty()
          && guess.length() <= HbaText.NAME_BYTES
          && regex.find(guess) == Match.YES) {
        return Optional.of(guess);
      }
    }
    return Optional.empty();
  }

  private Predicate<String> membership(NamePair pair, String user, String database) {
    var roles = new HashSet<>(Set.of(user));
    if (pair.user().isMembership()) {
      roles.add(HbaText.toReadable(pair.user().text().substring(1)));
    }
    if (pair.database().isKeyword("samerole") || pair.database().isKeyword("samegroup")) {
      roles.add(database);
    }
    return roles::contains;
  }

  private InetAddress client(AddressRange gap) {
    for (String preferred : options.preferredClients()) {
      Optional<InetAddress> address = NumericAddress.parse(preferred, dialect);
      if (address.isPresent() && gap.contains(address.get())) {
        return address.get();
      }
    }
    return gap.address(gap.low());
  }
}
