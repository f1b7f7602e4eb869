package dev.pgseal.hba;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a proof of enforcement may leave out and what it knows.
 *
 * @param exceptLoopback plaintext from 127.0.0.0/8 and ::1 is allowed
 * @param interfaces the server's, for {@code samehost} and {@code samenet}; null when unknown
 * @param preferredClients addresses to name as a witness when they fit, before others
 */
public record ProofOptions(
    boolean exceptLoopback, @Nullable ServerInterfaces interfaces, List<String> preferredClients) {

  public static final ProofOptions STRICT =
      new ProofOptions(false, null, List.of("192.0.2.1", "2001:db8::1"));

  public ProofOptions {
    preferredClients = List.copyOf(preferredClients);
  }

  public ProofOptions withLoopbackExcepted() {
    return new ProofOptions(true, interfaces, preferredClients);
  }

  public ProofOptions withPreferredClients(List<String> clients) {
    return new ProofOptions(exceptLoopback, interfaces, clients);
  }

  public ProofOptions withInterfaces(ServerInterfaces known) {
    return new ProofOptions(exceptLoopback, known, preferredClients);
  }
}
