package dev.pgseal.tls;

import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What is proved of rules by reading them, over the whole space of connections and not by samples.
 *
 * @param verdict {@code ENFORCED}: no plaintext connection over TCP is admitted but what {@code
 *     exceptions} names
 * @param exceptions those that were allowed and that the rules make use of
 * @param ordinaryLogins whether plaintext is admitted for ordinary logins and logical replication
 * @param physicalReplication the same for physical replication, which {@code all} does not cover
 * @param witnesses rules that admit plaintext outside the exceptions, each with a connection
 * @param excepted rules that admit plaintext within the exceptions
 * @param unreachable rules that no connection ever reaches, because earlier ones decide
 */
@Schema(name = "RulesProof")
public record RulesProof(
    Verdict verdict,
    Set<Exemption> exceptions,
    Plaintext ordinaryLogins,
    Plaintext physicalReplication,
    List<SslState.PlaintextRule> witnesses,
    List<SslState.PlaintextRule> excepted,
    List<Unreachable> unreachable) {

  /** Whether plaintext is shut out. */
  @Schema(name = "RulesProofVerdict")
  public enum Verdict {
    ENFORCED,
    NOT_ENFORCED
  }

  /** What becomes of plaintext over TCP. */
  @Schema(name = "RulesProofPlaintext")
  public enum Plaintext {
    REFUSED,
    /** Only within the exceptions. */
    EXCEPTED,
    ADMITTED
  }

  /**
   * A rule that decides nothing.
   *
   * @param why a sentence for people
   */
  @Schema(name = "UnreachableRule")
  public record Unreachable(String file, int line, String rule, String why) {}

  public boolean enforced() {
    return verdict == Verdict.ENFORCED;
  }
}
