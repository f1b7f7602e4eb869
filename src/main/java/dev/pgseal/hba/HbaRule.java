package dev.pgseal.hba;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One record that PostgreSQL loads.
 *
 * @param id stays the same while the line's own bytes do, whatever happens to other lines; of equal
 *     lines in one file each has its own, counted from the top
 * @param databases never empty unless an {@code @file} was
 * @param address null for {@code local}
 * @param method effective method: {@code ident} on {@code local} is {@code peer}
 * @param comment text behind an unquoted {@code #}, without it, or null
 * @param text the logical line as a byte text: continuation lines joined, without line end
 * @param cannotMatch why the record loads but can never match, in PostgreSQL's words, or null
 */
public record HbaRule(
    String id,
    String file,
    int line,
    ConnectionType type,
    List<HbaToken> databases,
    List<HbaToken> users,
    @Nullable HbaAddress address,
    String method,
    List<HbaOption> options,
    @Nullable String comment,
    String text,
    @Nullable String cannotMatch)
    implements HbaEntry {

  public HbaRule {
    databases = List.copyOf(databases);
    users = List.copyOf(users);
    options = List.copyOf(options);
  }

  /** Every method but {@code reject} may let somebody in. */
  public boolean admits() {
    return !method.equals("reject");
  }

  /** The value of an option: the last one given. */
  public Optional<String> option(String name) {
    return options.stream()
        .filter(option -> option.name().equals(name))
        .map(HbaOption::value)
        .reduce((earlier, later) -> later);
  }

  /** Whether the client must present a certificate, so that only TLS can ever satisfy it. */
  public boolean needsClientCertificate() {
    return method.equals("cert") || option("clientcert").isPresent();
  }

  /** {@code file:line}, for people. */
  public String place() {
    return file + ":" + line;
  }

  /** Whether the line holds a password or a shared secret. */
  public boolean holdsSecret() {
    return options.stream().anyMatch(HbaOption::isSecret);
  }

  /** Leaves out the text of a line that holds a secret: records end up in logs. */
  @Override
  public String toString() {
    return place() + " " + (holdsSecret() ? type.keyword() + " … " + method + " …" : text);
  }
}
